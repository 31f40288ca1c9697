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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/activation.h"
#include "engine/engine.h"
#include "store/container.h"

struct supervise_args {
	struct engine *engine;		       /* its host, store and identity are used */
	const struct container_config *config; /* loaded */
	int lock; /* LOCK_CONTAINER, held by the caller; the monitor shares it until it has started */
	struct container_state *state; /* loaded; the monitor becomes its writer */
	bool attached; /* the caller stays and carries streams: output waits for it to attach */
	const int *extra_fds; /* --preserve-fds; with "passthrough" 0, 1 and 2 are the caller's */
	size_t extra_count;
	const struct activation *activation; /* the monitor keeps its own copies; or NULL */
	uint16_t rows, columns;		     /* of the caller's terminal, or 0 */
};

/**
 * supervise_start() - start the monitor of a container
 * @args:	what to start; borrowed
 * @out_sock:	the caller's end of the pair that speaks monitor/protocol.h; the first message is
 *		STARTED or FAILED; owned by the caller; set on success only
 * @err:	why no monitor could be started
 *
 * Returns when the first message is there, so that the caller's lock covers the whole start.
 * The monitor lives on when the caller ends. It keeps no descriptor of the caller's.
 *
 * Return: 0 or a negative errno.
 */
must_check int supervise_start(const struct supervise_args *args, int *out_sock, struct err *err);
