/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_inspect - everything that is known of networks
 */
#include "cli/command.h"
#include "cmd/inspect.h"
#include "cmd/network_document.h"
#include "engine/engine.h"

int inspect_load_network(struct app *app, unused_arg const struct inspect_args *args,
			 const char *name, cJSON **out, struct err *err)
{
	AUTO(network_record) struct network_record *record = NULL;
	AUTO(networks_users) struct networks_users users = { 0 };
	int r = networks_find(app->engine, name, &record, err);

	if (r == 0)
		r = networks_users(app->engine, record->name, &users, err);
	if (r == 0)
		*out = network_document(app_docker(app), record, &users);
	return r;
}

static const struct opt network_inspect_opts[] = {
	OPT_TEXT('f', "format", "FORMAT", struct inspect_args, format, COMPLETE_NONE,
		 "print through a Go template, or json"),
	OPT_HARMLESS('v', "verbose",
		     "it adds services of clusters of machines, which are not there"),
	OPT_END,
};

static int network_inspect_run(struct app *app, void *data, const struct strv *words,
			       struct err *err)
{
	return inspect_print(app, data, "network", words, err);
}

const struct command cmd_network_inspect = {
	.name = "network inspect",
	.group = GROUP_NETWORK,
	.about = "show everything about networks",
	.args = "NETWORK...",
	.complete = COMPLETE_NETWORKS,
	.needs = NEED_STORE,
	.opts = network_inspect_opts,
	.args_size = sizeof(struct inspect_args),
	.examples = "cubby network inspect podman\n"
		    "cubby network inspect web --format '{{range .Subnets}}{{.Subnet}} {{end}}'\n",
	.run = network_inspect_run,
};
