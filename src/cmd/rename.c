/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rename - give a container another name
 */
#include "cli/command.h"
#include "engine/container.h"
#include "engine/running.h"

static int rename_run(struct app *app, unused_arg void *args, const struct strv *words,
		      struct err *err)
{
	AUTO(mem) char *id = NULL;
	int r = container_find(app->engine, words->items[0], &id, err);

	return r < 0 ? r : running_rename(app->engine, id, words->items[1], err);
}

const struct command cmd_rename = {
	.name = "rename",
	.group = GROUP_CONTAINER,
	.about = "give a container another name",
	.args = "CONTAINER NAME",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE,
	.examples = "cubby rename web old-web\n",
	.run = rename_run,
};
