/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * initmode - whether a container's first process is systemd, and an init of the user's own: --systemd,
 * --init-path
 */
#pragma once

#include "base/err.h"
#include "engine/create_args.h"
#include "store/container.h"

/**
 * initmode_plan() - decide about the first process
 * @args:	as typed
 * @config:	entrypoint and command are set; systemd, init, init_path and the size are set, and the stop
 *		signal where nobody chose one
 * @chosen:	whether the command line or the image chose a stop signal
 * @docker:	no command is taken for systemd unless told so
 * @err:	names what is wrong
 *
 * With systemd /run, /run/lock, /tmp and /var/log/journal are in memory, its cgroup can be written, and
 * stop sends it SIGRTMIN+3. Source: systemd's CONTAINER_INTERFACE.
 *
 * Return: 0 or -EINVAL.
 */
must_check int initmode_plan(const struct create_args *args, struct container_config *config,
			     bool chosen, bool docker, struct err *err);
