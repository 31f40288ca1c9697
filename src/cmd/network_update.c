/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_update - change which servers a network asks for names
 */
#include <errno.h>

#include "cli/command.h"
#include "engine/engine.h"
#include "engine/networks.h"

struct network_update_args {
	struct strv add;
	struct strv drop;
};

static const struct opt network_update_opts[] = {
	OPT_LIST(0, "dns-add", "ADDRESS", struct network_update_args, add, COMPLETE_NONE,
		 "ask this server for names of elsewhere, instead of the host's"),
	OPT_LIST(0, "dns-drop", "ADDRESS", struct network_update_args, drop, COMPLETE_NONE,
		 "do not ask this server any more"),
	OPT_END,
};

/* Each may be a list, as podman takes it. */
static void split(const struct strv *words, struct strv *out)
{
	for (size_t i = 0; i < words->count; i++)
		strv_split(out, words->items[i], ',');
}

static int network_update_run(struct app *app, void *data, const struct strv *words,
			      struct err *err)
{
	const struct network_update_args *args = data;
	AUTO(strv) struct strv add = { 0 };
	AUTO(strv) struct strv drop = { 0 };

	split(&args->add, &add);
	split(&args->drop, &drop);
	if (!add.count && !drop.count)
		return err_set(err, -EINVAL, "give --dns-add or --dns-drop");
	return networks_update_dns(app->engine, words->items[0], &add, &drop, err);
}

const struct command cmd_network_update = {
	.name = "network update",
	.group = GROUP_NETWORK,
	.about = "change which servers a network asks for names of elsewhere",
	.text = "Containers that run on the network notice nothing: their next question goes to the "
		"servers of now. Without any the host's are asked.",
	.args = "NETWORK",
	.complete = COMPLETE_NETWORKS,
	.needs = NEED_STORE,
	.opts = network_update_opts,
	.args_size = sizeof(struct network_update_args),
	.examples = "cubby network update web --dns-add 9.9.9.9\n",
	.run = network_update_run,
};
