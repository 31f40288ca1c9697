/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * system_reset - remove the whole store
 */
#include "cli/command.h"
#include "cmd/prune.h"
#include "engine/reset.h"

struct reset_args {
	bool force;
};

static const struct opt reset_opts[] = {
	OPT_FLAG('f', "force", struct reset_args, force, "do not ask"),
	OPT_END,
};

static int reset_run(struct app *app, void *data, unused_arg const struct strv *words,
		     struct err *err)
{
	const struct reset_args *args = data;
	int r = reset_check(app->engine, err);

	if (r < 0)
		return r;
	AUTO(mem)
	char *what = str_fmt("WARNING! This will remove:\n"
			     "  - all containers, also those that run\n"
			     "  - all images\n"
			     "  - all volumes with their contents\n"
			     "  - all networks and secrets\n"
			     "  - the store '%s'\n",
			     app->engine->store->path);
	return prune_agreed(app, args->force, what) ? reset_store(app->engine, err) : 0;
}

const struct command cmd_system_reset = {
	.name = "system reset",
	.group = GROUP_SYSTEM,
	.about = "remove all containers, images and volumes, and the store itself",
	.needs = NEED_STORE | NEED_USERNS,
	.opts = reset_opts,
	.args_size = sizeof(struct reset_args),
	.examples = "cubby system reset -f\n",
	.run = reset_run,
};
