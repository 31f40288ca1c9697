/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_connect - putting containers on networks and taking them off
 */
#include "cli/command.h"
#include "engine/connect.h"

/* ---- connect ---- */

struct network_connect_args {
	struct strv aliases;
	struct strv links;
	struct strv driver_options;
	const char *ip;
	const char *ip6;
	const char *mac;
	int priority;
};

static const struct opt network_connect_opts[] = {
	OPT_LIST(0, "alias", "NAME", struct network_connect_args, aliases, COMPLETE_NONE,
		 "further name of the container on that network"),
	OPT_LIST(0, "driver-opt", "KEY=VALUE", struct network_connect_args, driver_options,
		 COMPLETE_NONE, "com.docker.network.endpoint.ifname: what the interface is called"),
	OPT_INT(0, "gw-priority", "N", struct network_connect_args, priority,
		"the network with the highest has the default route (0)"),
	OPT_TEXT(0, "ip", "ADDRESS", struct network_connect_args, ip, COMPLETE_NONE,
		 "its IPv4 address there"),
	OPT_TEXT(0, "ip6", "ADDRESS", struct network_connect_args, ip6, COMPLETE_NONE,
		 "its IPv6 address there"),
	OPT_LIST(0, "link", "CONTAINER[:ALIAS]", struct network_connect_args, links,
		 COMPLETE_CONTAINERS, "another container, which it alone calls ALIAS"),
	OPT_TEXT(0, "mac-address", "ADDRESS", struct network_connect_args, mac, COMPLETE_NONE,
		 "MAC address of its interface"),
	OPT_REFUSED(0, "link-local-ip",
		    "an interface has the link-local addresses that its network gives"),
	OPT_END,
};

static int network_connect_run(struct app *app, void *data, const struct strv *words,
			       struct err *err)
{
	const struct network_connect_args *args = data;
	const struct connect_args connect = {
		.network = words->items[0],
		.container = words->items[1],
		.one = { args->ip, args->ip6, args->mac, &args->aliases, &args->links },
		.options = &args->driver_options,
		.priority = args->priority,
	};

	return network_connect(app->engine, &connect, err);
}

const struct command cmd_network_connect = {
	.name = "network connect",
	.group = GROUP_NETWORK,
	.about = "put a container on a network, running or not",
	.args = "NETWORK CONTAINER",
	.complete = COMPLETE_NETWORKS,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = network_connect_opts,
	.args_size = sizeof(struct network_connect_args),
	.examples = "cubby network connect --alias db backend postgres\n",
	.run = network_connect_run,
};

/* ---- disconnect ---- */

struct network_disconnect_args {
	bool force;
};

static const struct opt network_disconnect_opts[] = {
	OPT_FLAG('f', "force", struct network_disconnect_args, force,
		 "also where the container's monitor does not answer"),
	OPT_END,
};

static int network_disconnect_run(struct app *app, void *data, const struct strv *words,
				  struct err *err)
{
	const struct network_disconnect_args *args = data;

	return network_disconnect(app->engine, words->items[0], words->items[1], args->force, err);
}

const struct command cmd_network_disconnect = {
	.name = "network disconnect",
	.group = GROUP_NETWORK,
	.about = "take a container off a network, running or not",
	.args = "NETWORK CONTAINER",
	.complete = COMPLETE_NETWORKS,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = network_disconnect_opts,
	.args_size = sizeof(struct network_disconnect_args),
	.examples = "cubby network disconnect backend postgres\n",
	.run = network_disconnect_run,
};
