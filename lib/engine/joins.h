/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * joins - the namespaces of other containers that a container lives in
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"
#include "store/container.h"

/* pidfds of the other containers' PID 1, or -1. */
struct joins {
	int pid, ipc, uts, net;
};

/**
 * joins_open() - hold the containers that a configuration names
 * @engine:	the engine
 * @config:	pid_mode and so on, "container:ID"
 * @out:	to be released with joins_close; set on success only
 * @err:	names the container that does not run
 *
 * To be called in the caller's own pid namespace.
 *
 * Return: 0; -ENOENT; -ESRCH when it does not run.
 */
must_check int joins_open(struct engine *engine, const struct container_config *config,
			  struct joins *out, struct err *err);

/**
 * joins_renew() - hold them as they run now
 * @engine:	the engine
 * @config:	as joins_open()
 * @joins:	replaced on success
 * @err:	names the container that does not run
 *
 * For a monitor, whose pid namespace is another one: it asks the other containers' monitors.
 *
 * Return: 0; -ENOENT; -ESRCH when one does not run; otherwise a negative errno.
 */
must_check int joins_renew(struct engine *engine, const struct container_config *config,
			   struct joins *joins, struct err *err);

/**
 * joins_shared_pids() - whether a container's processes are seen by others
 * @config:	looked at
 *
 * Return: true for --pid host and container:.
 */
bool joins_shared_pids(const struct container_config *config);

/**
 * joins_close() - let them go
 * @joins:	all -1 afterwards
 */
void joins_close(struct joins *joins);

static inline void auto_joins(struct joins *joins)
{
	joins_close(joins);
}
