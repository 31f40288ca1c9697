/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logs - reading what a container said
 */
#include "engine/logs.h"

#include <errno.h>
#include <fcntl.h>

#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"
#include "monitor/log.h"
#include "store/container.h"
#include "store/record.h"

static int find_driver(const struct container_config *config, enum log_driver *out, struct err *err)
{
	struct log_options options;

	int r = log_options_parse(config->log_driver, &config->log_options, &options, err);
	if (r < 0)
		return r;
	if (options.driver == LOG_NONE || options.driver == LOG_PASSTHROUGH)
		return err_set(err, -EOPNOTSUPP,
			       "the log driver '%s' of container '%s' keeps nothing to read",
			       log_driver_names[options.driver], config->name);
	*out = options.driver;
	return 0;
}

/* Return: pidfd of a monitor that can be followed, or -1. */
static int find_monitor(struct engine *engine, const char *id)
{
	AUTO(container_state) struct container_state *state = NULL;

	if (record_state_load(engine->store, id, &state, NULL) < 0 || state->monitor_pid <= 0 ||
	    (state->status != CONTAINER_RUNNING && state->status != CONTAINER_PAUSED &&
	     state->status != CONTAINER_RESTARTING) ||
	    !str_eq(state->host_id, engine->store->host_id))
		return -1;
	int pidfd = proc_open(state->monitor_pid, (uint64_t)state->monitor_start);
	return pidfd < 0 ? -1 : pidfd;
}

int container_logs(struct engine *engine, const char *id, const struct logs_options *options,
		   logread_fn fn, logread_idle_fn idle, void *data, struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(fd) int monitor = -1;
	struct logread_options read = {
		.since = options->since,
		.until = options->until,
		.tail = options->tail,
	};

	int r = record_config_load(engine->store, id, &config, err);
	if (r == 0)
		r = find_driver(config, &read.driver, err);
	if (r < 0)
		return r;
	AUTO(mem) char *path = store_container_path(engine->store, id, NULL);
	AUTO(fd) int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_sys(err, -errno, "cannot open the folder of container '%s'",
			       config->name);
	if (options->follow)
		monitor = find_monitor(engine, id);
	read.alive = monitor;
	return logread_run(dir, &read, fn, idle, data, err);
}
