/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_create - make a network
 */
#include <errno.h>

#include "cli/command.h"
#include "engine/engine.h"
#include "engine/networks.h"

#define SERIAL "com.docker.network.ipam.serial"
#define NO_CLUSTERS "there are no clusters of machines"

struct network_create_args {
	const char *driver;
	const char *ipam_driver;
	const char *interface;
	const char *scope;
	struct strv subnets;
	struct strv gateways;
	struct strv ranges;
	struct strv reserved;
	struct strv routes;
	struct strv labels;
	struct strv options;
	struct strv dns;
	enum tri ipv4;
	bool ipv6;
	bool internal;
	bool no_dns;
	bool ignore;
};

/* A free address that was somebody's is not given to the next one at once: so it is anyway. */
static int set_ipam_option(unused_arg void *args, const char *value, struct err *err)
{
	if (str_eq(value, SERIAL "=true"))
		return 0;
	(void)err_set(err, -EINVAL, "there is no IPAM option '%s'", value);
	return err_hint(err, SERIAL "=true is one, and so it is anyway; --ip-range says which "
				    "addresses are given");
}

static const struct opt network_create_opts[] = {
	OPT_HARMLESS(0, "attachable", "containers can be put on any network"),
	OPT_MAP(0, "aux-address", "NAME=ADDRESS", struct network_create_args, reserved,
		"an address of the subnet that no container gets by itself"),
	OPT_FLAG(0, "disable-dns", struct network_create_args, no_dns,
		 "do not answer for the names of containers"),
	OPT_LIST(0, "dns", "ADDRESS", struct network_create_args, dns, COMPLETE_NONE,
		 "ask this server for all other names, instead of the host's"),
	OPT_WORDS('d', "driver", "DRIVER", struct network_create_args, driver, "bridge",
		  "only bridge"),
	OPT_LIST(0, "gateway", "ADDRESS", struct network_create_args, gateways, COMPLETE_NONE,
		 "address of the gateway, which is this host; else the first of the subnet"),
	OPT_FLAG(0, "ignore", struct network_create_args, ignore,
		 "a network that is there already is no error"),
	OPT_TEXT(0, "interface-name", "NAME", struct network_create_args, interface, COMPLETE_NONE,
		 "what inspect calls the bridge, which is in a namespace of its own"),
	OPT_FLAG(0, "internal", struct network_create_args, internal,
		 "no way out, and none to the host"),
	OPT_LIST(0, "ip-range", "RANGE", struct network_create_args, ranges, COMPLETE_NONE,
		 "take containers' addresses from this part: CIDR, or FIRST-LAST"),
	OPT_WORDS(0, "ipam-driver", "DRIVER", struct network_create_args, ipam_driver,
		  "host-local default", "only host-local, which docker calls default"),
	OPT_CALL(0, "ipam-opt", "KEY=VALUE", set_ipam_option, COMPLETE_NONE,
		 "only " SERIAL "=true: each container gets the address behind the last one's"),
	OPT_TRI(0, "ipv4", struct network_create_args, ipv4,
		"a subnet of IPv4 beside one of IPv6; =false: none"),
	OPT_FLAG(0, "ipv6", struct network_create_args, ipv6, "a subnet of IPv6 as well"),
	OPT_LIST(0, "label", "KEY=VALUE", struct network_create_args, labels, COMPLETE_NONE,
		 "label the network"),
	OPT_MAP('o', "opt", "KEY=VALUE", struct network_create_args, options,
		"mtu, allow_host_loopback, outbound_addr, outbound_addr6, and what is so anyway"),
	OPT_LIST(0, "route", "DESTINATION,GATEWAY[,METRIC]", struct network_create_args, routes,
		 COMPLETE_NONE, "a further route that containers get"),
	OPT_WORDS(0, "scope", "SCOPE", struct network_create_args, scope, "local", "only local"),
	OPT_LIST(0, "subnet", "CIDR", struct network_create_args, subnets, COMPLETE_NONE,
		 "subnet of the network, one of each family; else one is chosen"),
	OPT_REFUSED(0, "config-from", NO_CLUSTERS),
	OPT_REFUSED(0, "config-only", NO_CLUSTERS),
	OPT_REFUSED(0, "ingress", NO_CLUSTERS),
	OPT_END,
};

static int check(const struct app *app, const struct network_create_args *args,
		 const struct strv *words, struct err *err)
{
	if (app_docker(app) && !words->count)
		return err_set(err, -EINVAL, "the network's name is missing");
	if (args->scope && !str_eq(args->scope, "local")) {
		err_set(err, -EOPNOTSUPP, "a network of the scope '%s' cannot be made",
			args->scope);
		(void)err_hint(err, "%s: the scope is local", NO_CLUSTERS);
		return -EOPNOTSUPP;
	}
	return 0;
}

/* podman prints the name, docker the id. */
static void say(const struct app *app, const struct network_record *record)
{
	fprintf(app->out, "%s\n", app_docker(app) ? record->id : record->name);
}

static int network_create_run(struct app *app, void *data, const struct strv *words,
			      struct err *err)
{
	const struct network_create_args *args = data;
	const struct networks_wish wish = {
		.name = words->count ? words->items[0] : NULL,
		.driver = args->driver,
		.ipam_driver = args->ipam_driver,
		.interface = args->interface,
		.labels = &args->labels,
		.options = &args->options,
		.dns = &args->dns,
		.internal = args->internal,
		.no_dns = args->no_dns,
		.addresses = {
			.subnets = &args->subnets,
			.gateways = &args->gateways,
			.ranges = &args->ranges,
			.reserved = &args->reserved,
			.routes = &args->routes,
			.ipv6 = args->ipv6,
			.ipv4 = args->ipv4 == TRI_YES,
			.no_ipv4 = args->ipv4 == TRI_NO,
		},
	};
	AUTO(network_record) struct network_record *record = NULL;

	int r = check(app, args, words, err);
	if (r == 0)
		r = networks_make(app->engine, &wish, &record, err);
	if (r == -EEXIST && args->ignore && wish.name &&
	    network_record_load(app->engine->store, wish.name, &record, NULL) == 0) {
		err_clear(err);
		r = 0;
	}
	if (r == 0)
		say(app, record);
	return r;
}

const struct command cmd_network_create = {
	.name = "network create",
	.group = GROUP_NETWORK,
	.about = "make a network",
	.text = "Containers on one network reach each other, by address and by name, and nobody on another "
		"network reaches them. Without a name it is called podman1, podman2 and so on. The subnet "
		"is one that neither this host nor another network uses.",
	.args = "[NAME]",
	.needs = NEED_STORE,
	.opts = network_create_opts,
	.args_size = sizeof(struct network_create_args),
	.examples = "cubby network create web\n"
		    "cubby network create --subnet 10.5.0.0/16 --gateway 10.5.0.1 --ipv6 backend\n"
		    "cubby network create --internal db\n",
	.run = network_create_run,
};
