/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kill - send the first process of containers a signal
 */
#include <signal.h>

#include "cmd/pick.h"
#include "engine/running.h"
#include "kern/signame.h"

struct kill_args {
	struct pick_args pick;
	const char *signal;
	int number;
};

static const struct opt kill_opts[] = {
	OPT_FLAG('a', "all", struct kill_args, pick.all, "all containers that run"),
	OPT_TEXT('s', "signal", "SIGNAL", struct kill_args, signal, COMPLETE_NONE,
		 "name or number of the signal (default KILL)"),
	OPT_INCLUDE(struct kill_args, pick, pick_opts),
	OPT_END,
};

static int kill_one(struct app *app, const char *id, void *data, struct err *err)
{
	const struct kill_args *args = data;

	return running_kill(app->engine, id, args->number, err);
}

static int kill_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct kill_args *args = data;
	int r = signame_parse(str_or(args->signal, "KILL"), &args->number, err);

	if (r < 0)
		return r;
	return pick_each(app, &args->pick, words, PICK_ALIVE, kill_one, args, err);
}

const struct command cmd_kill = {
	.name = "kill",
	.group = GROUP_CONTAINER,
	.about = "send the first process of containers a signal",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_RUNNING,
	.needs = NEED_STORE,
	.opts = kill_opts,
	.args_size = sizeof(struct kill_args),
	.examples = "cubby kill web\ncubby kill -s HUP web\n",
	.run = kill_run,
};
