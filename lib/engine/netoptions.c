/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netoptions - what --opt of a network may say
 */
#include "engine/netoptions.h"

#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "kern/netlink.h"

enum { MTU_LEAST = 576, MTU_LEAST6 = 1280, MTU_MOST = 65521 };

/* Takes an option's value into a record. */
typedef int take_option(const char *name, const char *value, struct network_record *record,
			struct err *err);

static int wrong(const char *name, const char *takes, const char *value, struct err *err)
{
	return err_set(err, -EINVAL, "--opt %s is %s, not '%s'", name, takes, value);
}

static bool has_ipv6(const struct network_record *record)
{
	for (size_t i = 0; i < record->subnets.count; i++)
		if (strchr(record->subnets.items[i].subnet, ':'))
			return true;
	return false;
}

static int take_mtu(const char *name, const char *value, struct network_record *record,
		    struct err *err)
{
	unsigned int least = has_ipv6(record) ? MTU_LEAST6 : MTU_LEAST;
	uint64_t mtu;

	if (str_u64(value, MTU_MOST, &mtu) == 0 && mtu >= least)
		return 0;
	return err_set(err, -EINVAL, "--opt %s is a number from %u to %d, not '%s'", name, least,
		       MTU_MOST, value);
}

static bool is_true(const char *value)
{
	return str_eq(value, "true") || str_eq(value, "1");
}

static bool is_false(const char *value)
{
	return str_eq(value, "false") || str_eq(value, "0");
}

static int take_truth(const char *name, const char *value, unused_arg struct network_record *record,
		      struct err *err)
{
	return is_true(value) || is_false(value) ? 0 : wrong(name, "true or false", value, err);
}

static int take_isolate(const char *name, const char *value,
			unused_arg struct network_record *record, struct err *err)
{
	if (is_true(value) || is_false(value) || str_eq(value, "strict"))
		return 0;
	return wrong(name, "true, false or strict", value, err);
}

static int take_mode(const char *name, const char *value, unused_arg struct network_record *record,
		     struct err *err)
{
	if (str_eq(value, "managed"))
		return 0;
	(void)wrong(name, "managed", value, err);
	(void)err_hint(err, "a bridge of the host's can be used by root alone");
	return -EOPNOTSUPP;
}

static int take_bridge(const char *name, const char *value, struct network_record *record,
		       struct err *err)
{
	int r = netoptions_interface(value, err);

	if (r == 0 && record->interface && !str_eq(record->interface, value))
		return err_set(err, -EINVAL, "--opt %s says '%s', but --interface-name '%s'", name,
			       value, record->interface);
	if (r == 0)
		str_set(&record->interface, value);
	return r;
}

static int take_icc(const char *name, const char *value, unused_arg struct network_record *record,
		    struct err *err)
{
	if (is_true(value))
		return 0;
	(void)wrong(name, "true", value, err);
	(void)err_hint(err,
		       "put containers that shall not reach each other on networks of their own");
	return -EOPNOTSUPP;
}

static int take_masquerade(const char *name, const char *value,
			   unused_arg struct network_record *record, struct err *err)
{
	if (is_true(value))
		return 0;
	(void)wrong(name, "true", value, err);
	(void)err_hint(err, "what leaves has this host's address; --internal lets nothing out");
	return -EOPNOTSUPP;
}

static int take_gateway_mode(const char *name, const char *value,
			     unused_arg struct network_record *record, struct err *err)
{
	if (str_eq(value, "nat"))
		return 0;
	(void)wrong(name, "nat", value, err);
	(void)err_hint(err, "routes to containers would have to be made by root, on each machine");
	return -EOPNOTSUPP;
}

static int take_address(const char *name, const char *value,
			unused_arg struct network_record *record, struct err *err)
{
	bool six = str_ends(name, "6");
	struct netlink_addr addr;

	if (netlink_addr_parse(value, &addr) == 0 && addr.family == (six ? AF_INET6 : AF_INET))
		return 0;
	return wrong(name, six ? "an IPv6 address" : "an IPv4 address", value, err);
}

static const struct {
	const char *name;
	take_option *take;
} options[] = {
	{ "allow_host_loopback", take_truth },
	{ "com.docker.network.bridge.enable_icc", take_icc },
	{ "com.docker.network.bridge.enable_ip_masquerade", take_masquerade },
	{ "com.docker.network.bridge.gateway_mode_ipv4", take_gateway_mode },
	{ "com.docker.network.bridge.gateway_mode_ipv6", take_gateway_mode },
	{ "com.docker.network.bridge.name", take_bridge },
	{ "com.docker.network.driver.mtu", take_mtu },
	{ "isolate", take_isolate },
	{ "mode", take_mode },
	{ "mtu", take_mtu },
	{ "outbound_addr", take_address },
	{ "outbound_addr6", take_address },
};

static const struct {
	const char *name, *why;
} refused[] = {
	{ "bclim", "it is of macvlan networks" },
	{ "com.docker.network.bridge.default_bridge", "the default network is there already" },
	{ "com.docker.network.bridge.host_binding_ipv4",
	  "give the address with the port: -p ADDRESS:PORT:PORT" },
	{ "com.docker.network.bridge.inhibit_ipv4", "the bridge is in a namespace of its own" },
	{ "com.docker.network.container_iface_prefix",
	  "name the interface of each container: --network NETWORK:interface_name=NAME" },
	{ "com.docker.network.host_ipv4", "give --opt outbound_addr=ADDRESS" },
	{ "com.docker.network.host_ipv6", "give --opt outbound_addr6=ADDRESS" },
	{ "metric", "which network has the default route is said by the container: --network "
		    "name=NETWORK,gw-priority=N" },
	{ "no_default_route", "a network that leads nowhere is made with --internal" },
	{ "parent", "the host's interfaces can be used by root alone" },
	{ "vlan", "the host's interfaces can be used by root alone" },
	{ "vrf", "the host's interfaces can be used by root alone" },
};

static int refuse(const char *name, struct err *err)
{
	AUTO(strv) struct strv known = { 0 };

	(void)err_set(err, -EOPNOTSUPP, "--opt %s is not there", name);
	for (size_t i = 0; i < array_len(refused); i++)
		if (str_eq(refused[i].name, name)) {
			(void)err_hint(err, "%s", refused[i].why);
			return -EOPNOTSUPP;
		}
	for (size_t i = 0; i < array_len(options); i++)
		strv_add(&known, options[i].name);
	AUTO(mem) char *list = str_join(&known, ", ");
	(void)err_hint(err, "there are %s", list);
	return -EOPNOTSUPP;
}

static int take(const char *option, struct network_record *record, struct err *err)
{
	AUTO(mem) char *name = str_dup(option);
	const char *value = str_or(str_cut(name, '='), "");

	for (size_t i = 0; i < array_len(options); i++)
		if (str_eq(options[i].name, name))
			return options[i].take(name, value, record, err);
	return refuse(name, err);
}

int netoptions_check(struct network_record *record, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < record->options.count && r == 0; i++)
		r = take(record->options.items[i], record, err);
	return r;
}

/* Source: dev_valid_name() of the kernel. */
int netoptions_interface(const char *name, struct err *err)
{
	bool good = *name && strlen(name) < IFNAMSIZ && !str_eq(name, ".") && !str_eq(name, "..");

	for (const char *c = name; *c && good; c++)
		good = *c != '/' && *c != ':' && isascii(*c) && isgraph((unsigned char)*c);
	if (good)
		return 0;
	return err_set(err, -EINVAL,
		       "'%s' cannot be the name of an interface: it has at most %d characters, and "
		       "neither '/', ':' nor spaces",
		       name, IFNAMSIZ - 1);
}
