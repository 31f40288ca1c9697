/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exec - a further process in a running container
 *
 * Takes no lock and writes no record: the namespaces come from the monitor, the process is a child of
 * the command line. Only a detached one is started, and later reaped, by the monitor.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"
#include "spec/spec.h"

struct exec_options {
	bool detach;
	bool interactive;
	const char *detach_keys; /* NULL: the container's */
	const int *extra_fds;	 /* --preserve-fds */
	size_t extra_count;
};

struct exec_result {
	int status; /* of the process, or 125, 126, 127 when it could not start; set in any case */
	bool detached;
};

/**
 * container_exec() - run a process in a container and carry its streams
 * @engine:	the engine
 * @id:		full id
 * @exec:	the process
 * @options:	how
 * @out:	set in any case
 * @err:	what failed
 *
 * Return: 0; -EPERM when the container does not run or is paused; otherwise a negative errno.
 */
must_check int container_exec(struct engine *engine, const char *id, const struct exec_config *exec,
			      const struct exec_options *options, struct exec_result *out,
			      struct err *err);

/**
 * exec_event_command() - what the events of an exec say about its command
 * @exec:	what is executed
 *
 * Return: "cmd=" and the words, to be freed.
 */
must_check char *exec_event_command(const struct exec_config *exec);
