/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervise - starting a container's monitor, and what the monitor does from then on
 *
 * The monitor is forked from the command line (nothing is executed): it is root in the outer user
 * namespace, PID 1 of a pid namespace of its own, with its own mount namespace. Here the rooms of the
 * floor below meet: it mounts the root (rootfs), makes the specification (spec), creates the process
 * (run), attaches the network (net), and then serves streams, log, clients and the exit (monitor).
 */
#pragma once

#include "base/err.h"
#include "engine/supervise_args.h"

/**
 * supervise_start() - start the monitor of a container
 * @args:	what to start; borrowed
 * @out_sock:	the caller's end of the pair that speaks monitor/protocol.h; the first message is
 *		STARTED or FAILED; owned by the caller; set on success only
 * @err:	why no monitor could be started
 *
 * Returns when the first message is there, so that the caller's lock covers the whole start.
 * The monitor lives on when the caller ends, but for that of a sandbox, which waits for the next step. It keeps no descriptor of the caller's.
 *
 * Return: 0 or a negative errno.
 */
must_check int supervise_start(const struct supervise_args *args, int *out_sock, struct err *err);
