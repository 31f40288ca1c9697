/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * init - make all that a container needs on disk, without starting it
 */
#include "cmd/pick.h"
#include "engine/roots.h"

struct init_args {
	bool all;
	bool latest;
};

static const struct opt init_opts[] = {
	OPT_FLAG('a', "all", struct init_args, all, "all containers that were never started"),
	OPT_FLAG('l', "latest", struct init_args, latest, "the container made last"),
	OPT_END,
};

static int init_one(struct app *app, const char *id, unused_arg void *data, struct err *err)
{
	return root_prepare(app->engine, id, err);
}

static int init_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct init_args *args = data;
	const struct pick_args pick = { .all = args->all, .latest = args->latest };

	return pick_each(app, &pick, words, 1 << CONTAINER_CREATED, init_one, NULL, err);
}

const struct command cmd_init = {
	.name = "init",
	.group = GROUP_CONTAINER,
	.about = "make all that containers need on disk, without starting them",
	.text = "Fills new volumes from the image, makes the container's own folders, and tells what is missing for a "
		"start. Namespaces and networks are made by the start, for nothing runs that could hold them.",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = init_opts,
	.args_size = sizeof(struct init_args),
	.examples = "cubby init web\n",
	.run = init_run,
};
