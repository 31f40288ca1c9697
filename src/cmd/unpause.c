/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unpause - let paused containers go on
 */
#include "cmd/pick.h"
#include "engine/running.h"

static const struct opt unpause_opts[] = {
	OPT_FLAG('a', "all", struct pick_args, all, "all that are paused"),
	{ .kind = OPT_KIND_INCLUDE, .extra = pick_opts },
	OPT_END,
};

static int unpause_one(struct app *app, const char *id, unused_arg void *data, struct err *err)
{
	return running_pause(app->engine, id, false, err);
}

static int unpause_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	return pick_each(app, data, words, 1 << CONTAINER_PAUSED, unpause_one, NULL, err);
}

const struct command cmd_unpause = {
	.name = "unpause",
	.group = GROUP_CONTAINER,
	.about = "let paused containers go on",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_RUNNING,
	.needs = NEED_STORE,
	.opts = unpause_opts,
	.args_size = sizeof(struct pick_args),
	.examples = "cubby unpause web\ncubby unpause -a\n",
	.run = unpause_run,
};
