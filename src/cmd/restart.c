/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * restart - stop containers and start them again; those that do not run are started
 */
#include <errno.h>

#include "cmd/pick.h"
#include "engine/launch.h"
#include "engine/running.h"
#include "kern/signame.h"
#include "store/event.h"
#include "store/record.h"

struct restart_args {
	struct pick_args pick;
	bool running;
	int timeout;
	const char *signal;
	int number; /* of the signal; 0 for the container's own */
};

static const struct opt restart_opts[] = {
	OPT_FLAG('a', "all", struct restart_args, pick.all, "restart all containers"),
	OPT_FLAG(0, "running", struct restart_args, running, "with --all: only those that run"),
	OPT_TEXT('s', "signal", "SIGNAL", struct restart_args, signal, COMPLETE_NONE,
		 "signal instead of the container's own"),
	OPT_INT('t', "timeout", "SECONDS", struct restart_args, timeout,
		"kill it after so many seconds instead of the container's own; -1 waits for ever"),
	OPT_ALIAS(0, "time", "timeout"),
	OPT_INCLUDE(struct restart_args, pick, pick_opts),
	OPT_END,
};

static int restart_one(struct app *app, const char *id, void *data, struct err *err)
{
	const struct restart_args *args = data;
	AUTO(activation) struct activation activation = { 0 };
	const struct launch_options options = { .detach = true, .activation = &activation };
	AUTO(container_config) struct container_config *config = NULL;
	struct launch_result result;
	int r = record_config_load(app->engine->store, id, &config, err);

	if (r < 0)
		return r;
	if (config->remove) {
		err_set(err, -EPERM, "cannot restart container '%s': it was made with --rm",
			config->name);
		return err_hint(err, "it would be gone as soon as it is stopped");
	}
	activation_of(app->engine, id, &activation);
	r = running_stop(app->engine, id, args->number, pick_timeout(args->timeout), err);
	if (r >= 0)
		r = launch(app->engine, config, &options, &result, err);
	if (r < 0)
		return r;
	const struct event_about about = event_of_config(config);
	event_write(app->engine->store, EVENT_CONTAINER, EVENT_RESTART, &about, NULL);
	return 0;
}

static int restart_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct restart_args *args = data;
	int r = args->signal ? signame_parse(args->signal, &args->number, err) : 0;

	if (r < 0)
		return r;
	args->pick.all = args->pick.all || args->running;
	return pick_each(app, &args->pick, words, args->running ? PICK_ALIVE : PICK_ANY,
			 restart_one, args, err);
}

const struct command cmd_restart = {
	.name = "restart",
	.group = GROUP_CONTAINER,
	.about = "stop containers and start them again",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = restart_opts,
	.args_size = sizeof(struct restart_args),
	.defaults = &(const struct restart_args){ .timeout = PICK_TIMEOUT_OWN },
	.examples = "cubby restart web\ncubby restart -t 2 web\n",
	.run = restart_run,
};
