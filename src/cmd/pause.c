/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pause - stop every process of containers until they are unpaused
 */
#include "cmd/pick.h"
#include "engine/running.h"

static const struct opt pause_opts[] = {
	OPT_FLAG('a', "all", struct pick_args, all, "all that are running"),
	{ .kind = OPT_KIND_INCLUDE, .extra = pick_opts },
	OPT_END,
};

static int pause_one(struct app *app, const char *id, unused_arg void *data, struct err *err)
{
	return running_pause(app->engine, id, true, err);
}

static int pause_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	return pick_each(app, data, words, 1 << CONTAINER_RUNNING, pause_one, NULL, err);
}

const struct command cmd_pause = {
	.name = "pause",
	.group = GROUP_CONTAINER,
	.about = "stop every process of containers until they are unpaused",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_RUNNING,
	.needs = NEED_STORE,
	.opts = pause_opts,
	.args_size = sizeof(struct pick_args),
	.examples = "cubby pause web\n",
	.run = pause_run,
};
