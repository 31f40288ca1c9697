/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_prune - remove all networks that no container is on
 */
#include "cli/command.h"
#include "cmd/prune.h"

struct network_prune_args {
	bool force;
	struct strv filters;
};

static const struct opt network_prune_opts[] = {
	OPT_LIST(0, "filter", "KEY=VALUE", struct network_prune_args, filters, COMPLETE_NONE,
		 "remove only some: label, label!, until"),
	OPT_FLAG('f', "force", struct network_prune_args, force, "do not ask"),
	OPT_END,
};

static int network_prune_run(struct app *app, void *data, unused_arg const struct strv *words,
			     struct err *err)
{
	const struct network_prune_args *args = data;
	const char *what = app_docker(app)
				   ? "WARNING! This will remove all custom networks not used by at "
				     "least one container."
				   : "WARNING! This will remove all networks not used by at least "
				     "one container.";
	AUTO(pruned) struct pruned gone = { 0 };

	int r = prune_networks_check(app, &args->filters, err);
	if (r < 0 || !prune_agreed(app, args->force, what))
		return r;
	r = prune_networks(app, &args->filters, &gone, err);
	prune_print(app, app_docker(app) ? "Deleted Networks:" : NULL, &gone);
	return r < 0 ? r : gone.status;
}

const struct command cmd_network_prune = {
	.name = "network prune",
	.group = GROUP_NETWORK,
	.about = "remove all networks that no container is on, running or not",
	.needs = NEED_STORE,
	.opts = network_prune_opts,
	.args_size = sizeof(struct network_prune_args),
	.examples = "cubby network prune -f\n",
	.run = network_prune_run,
};
