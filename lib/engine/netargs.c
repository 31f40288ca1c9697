/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netargs - the options that say which networks a container is on
 */
#include "engine/netargs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>

#include "net/config.h"

enum { ALIAS_MAX = 63 };

static const char name_characters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

/* ---- options of one network ---- */

static int set_address(const char *key, int family, char **slot, const char *value, struct err *err)
{
	struct in6_addr any;

	if (inet_pton(family, value, &any) != 1)
		return err_set(err, -EINVAL, "network option '%s' is %s address, not '%s'", key,
			       family == AF_INET ? "an IPv4" : "an IPv6", value);
	str_set(slot, value);
	return 0;
}

static int set_ip(struct endpoint *e, const char *value, struct err *err)
{
	return set_address("ip", AF_INET, &e->ip, value, err);
}

static int set_ip6(struct endpoint *e, const char *value, struct err *err)
{
	return set_address("ip6", AF_INET6, &e->ip6, value, err);
}

static int set_mac(struct endpoint *e, const char *value, struct err *err)
{
	AUTO(mem) char *mac = NULL;
	int r = net_mac_parse(value, &mac, err);

	if (r == 0)
		str_set(&e->mac, mac);
	return r;
}

static bool is_name(const char *text)
{
	return *text && strlen(text) <= ALIAS_MAX && !text[strspn(text, name_characters)];
}

static int set_alias(struct endpoint *e, const char *value, struct err *err)
{
	if (!is_name(value))
		return err_set(err, -EINVAL,
			       "'%s' is no alias: it is a name of at most %d letters, digits, "
			       "dots, dashes and underscores",
			       value, ALIAS_MAX);
	if (strv_find(&e->aliases, value) < 0)
		strv_add(&e->aliases, value);
	return 0;
}

/* docker's own records say /NAME. */
static int set_link(struct endpoint *e, const char *value, struct err *err)
{
	AUTO(mem) char *name = str_dup(value + strspn(value, "/"));
	const char *alias = str_cut(name, ':');

	if (!is_name(name) || (alias && !is_name(alias))) {
		(void)err_set(err, -EINVAL, "'%s' is no link", value);
		return err_hint(err, "a link is CONTAINER:ALIAS, or CONTAINER alone");
	}
	AUTO(mem) char *link = str_fmt("%s:%s", name, alias ? alias : name);
	if (strv_find(&e->links, link) < 0)
		strv_add(&e->links, link);
	return 0;
}

static int set_interface(struct endpoint *e, const char *value, struct err *err)
{
	if (!*value || strlen(value) >= IFNAMSIZ || value[strspn(value, name_characters)] ||
	    str_eq(value, "lo") || str_eq(value, "tap0") || *value == '.')
		return err_set(err, -EINVAL,
			       "an interface's name has at most %d letters, digits, dashes and "
			       "dots, and is neither lo nor tap0, not '%s'",
			       IFNAMSIZ - 1, value);
	str_set(&e->interface, value);
	return 0;
}

static int set_priority(struct endpoint *e, const char *value, struct err *err)
{
	int64_t priority;

	if (str_i64(value, INT32_MIN, INT32_MAX, &priority) < 0)
		return err_set(err, -EINVAL, "network option 'gw-priority' is a number, not '%s'",
			       value);
	e->priority = (int)priority;
	return 0;
}

int netargs_driver(struct endpoint *e, const char *value, struct err *err)
{
	const char *name = str_starts(value, "com.docker.network.endpoint.ifname=");

	if (name)
		return set_interface(e, name, err);
	(void)err_set(err, -EINVAL, "there is no driver option '%s'", value);
	return err_hint(err, "com.docker.network.endpoint.ifname=NAME names the interface; sysctls "
			     "are set with --sysctl");
}

static int refuse_local(unused_arg struct endpoint *e, unused_arg const char *value,
			struct err *err)
{
	return err_set(err, -EINVAL,
		       "link-local addresses of a container's own are not there: an interface has "
		       "those that its network gives");
}

static int refuse_outer(unused_arg struct endpoint *e, unused_arg const char *value,
			struct err *err)
{
	return err_set(err, -EINVAL,
		       "the host has no interface of a container: it is in the network's own "
		       "namespace");
}

static const struct {
	const char *key;
	int (*set)(struct endpoint *, const char *, struct err *);
} option_table[] = {
	{ "alias", set_alias },
	{ "driver-opt", netargs_driver },
	{ "gw-priority", set_priority },
	{ "host_interface_name", refuse_outer },
	{ "interface_name", set_interface },
	{ "ip", set_ip },
	{ "ip6", set_ip6 },
	{ "link-local-ip", refuse_local },
	{ "mac", set_mac },
	{ "mac-address", set_mac },
};

/* A value may hold a '=' itself. */
static int set_option(struct endpoint *e, const char *option, struct err *err)
{
	AUTO(mem) char *key = str_dup(option);
	const char *value = str_cut(key, '=');

	for (size_t i = 0; i < array_len(option_table); i++) {
		if (!str_eq(option_table[i].key, key))
			continue;
		return value ? option_table[i].set(e, value, err)
			     : err_set(err, -EINVAL, "the network option '%s' has no value", key);
	}
	(void)err_set(err, -EINVAL, "unknown network option '%s'", option);
	return err_hint(err, "there are alias=, ip=, ip6=, mac= (also mac-address=), "
			     "interface_name= and gw-priority=");
}

/* "name" is a list's own key; quotes around a value, as CSV has them, are docker's. */
static int set_options(struct endpoint *e, const struct strv *list, bool named, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < list->count && r == 0; i++) {
		const char *name = named ? str_starts(list->items[i], "name=") : NULL;
		if (name)
			str_set(&e->network, name);
		else
			r = set_option(e, list->items[i], err);
	}
	return r;
}

/* ---- one --network ---- */

bool netargs_default(const char *name)
{
	return str_eq(name, "bridge") || str_eq(name, "default") || str_eq(name, ENDPOINT_DEFAULT);
}

bool netargs_mode(const char *text)
{
	AUTO(mem) char *name = str_dup(text);
	static const char *const names[] = { "none",  "host",	     "private", "pasta",
					     "slirp", "slirp4netns", "fast" };

	(void)!str_cut(name, ':');
	for (size_t i = 0; i < array_len(names); i++)
		if (str_eq(name, names[i]))
			return true;
	return str_eq(name, "container") || str_eq(name, "ns");
}

static struct endpoint *add_network(struct container_config *c, const char *name)
{
	struct endpoint *e = vec_push(&c->endpoints);

	e->network = str_dup(netargs_default(name) ? ENDPOINT_DEFAULT : name);
	return e;
}

static int parse_long(const char *text, struct container_config *c, struct err *err)
{
	AUTO(strv) struct strv list = { 0 };

	strv_split(&list, text, ',');
	struct endpoint *e = add_network(c, "");
	int r = set_options(e, &list, true, err);
	if (r < 0)
		return r;
	if (str_empty(e->network))
		return err_set(err, -EINVAL, "--network '%s' does not say name=", text);
	if (netargs_default(e->network))
		str_set(&e->network, ENDPOINT_DEFAULT);
	return 0;
}

static int parse_list(const char *text, struct container_config *c, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };

	strv_split(&names, text, ',');
	for (size_t i = 0; i < names.count; i++) {
		if (!*names.items[i])
			return err_set(err, -EINVAL, "--network '%s' has an empty name", text);
		if (netargs_mode(names.items[i]))
			return err_set(err, -EINVAL,
				       "--network %s cannot be joined with other networks",
				       names.items[i]);
		add_network(c, names.items[i]);
	}
	return 0;
}

/* Return: 1 for a mode, which stands alone; 0 for networks; or -EINVAL. */
static int parse_one(const char *text, struct container_config *c, struct err *err)
{
	AUTO(mem) char *name = str_dup(text);
	AUTO(strv) struct strv list = { 0 };
	const char *equals = strchr(text, '='), *colon = strchr(text, ':');

	if (equals && (!colon || equals < colon))
		return parse_long(text, c, err);
	const char *rest = str_cut(name, ':');
	if (netargs_mode(name)) {
		int r = net_mode_parse(text, &c->network_mode, &c->network_options, err);
		return r < 0 ? r : 1;
	}
	if (!rest)
		return parse_list(text, c, err);
	strv_split(&list, rest, ',');
	return set_options(add_network(c, name), &list, false, err);
}

/* ---- all of them ---- */

int netargs_apply(const struct netargs_one *one, struct endpoint *e, struct err *err)
{
	int r = 0;

	if (one->ip)
		r = set_ip(e, one->ip, err);
	if (r == 0 && one->ip6)
		r = set_ip6(e, one->ip6, err);
	if (r == 0 && one->mac)
		r = set_mac(e, one->mac, err);
	for (size_t i = 0; one->aliases && i < one->aliases->count && r == 0; i++)
		r = set_alias(e, one->aliases->items[i], err);
	for (size_t i = 0; one->links && i < one->links->count && r == 0; i++)
		r = set_link(e, one->links->items[i], err);
	return r;
}

static int refuse_names(const struct endpoint *e, struct err *err)
{
	if (e->interface)
		return err_set(err, -EINVAL,
			       "the interface of the default network is tap0, not '%s'",
			       e->interface);
	if (!e->aliases.count && !e->links.count)
		return 0;
	const char *what = e->aliases.count ? "alias" : "link";
	(void)err_set(err, -EINVAL, "the default network has no names of containers, so no %s '%s'",
		      what, e->aliases.count ? e->aliases.items[0] : e->links.items[0]);
	return err_hint(err, "make a network: cubby network create NAME");
}

int netargs_join(struct endpoint *e, struct strv *to, struct err *err)
{
	const struct {
		const char *key;
		char **value;
	} kept[] = { { "ip", &e->ip }, { "ip6", &e->ip6 }, { "mac", &e->mac } };
	int r = refuse_names(e, err);

	for (size_t i = 0; r == 0 && i < array_len(kept); i++) {
		if (*kept[i].value)
			strv_addf(to, "%s=%s", kept[i].key, *kept[i].value);
		str_set(kept[i].value, NULL);
	}
	return r;
}

int netargs_check_default(const struct strv *options, struct err *err)
{
	AUTO(net_config) struct net_config config = { 0 };
	AUTO(net_plan) struct net_plan plan = { 0 };
	static const struct strv none = { 0 };

	int r = net_config_load(options, &none, &config, err);
	return r < 0 ? r : net_plan(&config, &plan, err);
}

static int check_twice(const struct endpoints *list, struct err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct endpoint *e = &list->items[i];
		if (endpoints_find(list, e->network) != e)
			return err_set(err, -EINVAL, "--network '%s' is given twice", e->network);
		for (size_t k = 0; k < i; k++)
			if (e->interface && str_eq(e->interface, list->items[k].interface))
				return err_set(err, -EINVAL,
					       "two networks have the same interface '%s'",
					       e->interface);
	}
	return 0;
}

/* --ip and the like, which name no network. */
static int apply_alone(const struct create_args *a, struct container_config *c, struct err *err)
{
	const struct netargs_one one = { a->ip, a->ip6, a->mac_address, NULL, NULL };
	const char *flag = one.ip ? "--ip" : one.ip6 ? "--ip6" : one.mac ? "--mac-address" : NULL;

	if (!flag)
		return 0;
	if (c->endpoints.count == 1)
		return netargs_apply(&one, &c->endpoints.items[0], err);
	if (!c->endpoints.count)
		return err_set(err, -EINVAL, "%s cannot be given with --network %s", flag,
			       c->network_mode);
	(void)err_set(err, -EINVAL, "%s cannot be given with several networks", flag);
	return err_hint(err, "write it behind its network: --network NAME:ip=…,ip6=…,mac=…");
}

/* Names on networks that have some. */
static int apply_names(const struct create_args *a, struct container_config *c, struct err *err)
{
	const struct netargs_one one = { .aliases = &a->network_aliases, .links = &a->links };
	bool taken = false;
	int r = 0;

	for (size_t i = 0; i < c->endpoints.count && r == 0; i++) {
		if (str_eq(c->endpoints.items[i].network, ENDPOINT_DEFAULT))
			continue;
		taken = true;
		r = netargs_apply(&one, &c->endpoints.items[i], err);
	}
	if (r < 0 || taken || (!a->network_aliases.count && !a->links.count))
		return r;
	(void)err_set(err, -EINVAL, "--%s is for networks that 'network create' made",
		      a->links.count ? "link" : "network-alias");
	return err_hint(err, "make one: cubby network create NAME, and use it: --network NAME");
}

/* The default network alone is a mode. */
static int settle(struct container_config *c, struct err *err)
{
	struct endpoint *usual = endpoints_find(&c->endpoints, ENDPOINT_DEFAULT);
	int r = usual ? netargs_join(usual, &c->network_options, err) : 0;

	if (r == 0 && usual)
		r = netargs_check_default(&c->network_options, err);
	if (r == 0)
		r = check_twice(&c->endpoints, err);
	if (r < 0)
		return r;
	bool alone = usual && c->endpoints.count == 1;
	c->network_mode = str_dup(alone ? "slirp" : "bridge");
	if (alone)
		endpoints_drop(&c->endpoints, ENDPOINT_DEFAULT);
	return 0;
}

int netargs_plan(const struct create_args *args, struct container_config *config, struct err *err)
{
	const struct strv *typed = &args->networks;
	int r = 0;

	for (size_t i = 0; i < typed->count; i++) {
		r = parse_one(typed->items[i], config, err);
		if (r < 0)
			return r;
		if (r > 0 && typed->count > 1)
			return err_set(err, -EINVAL,
				       "--network %s cannot be joined with other networks",
				       typed->items[i]);
	}
	bool own = !config->network_mode || str_eq(config->network_mode, "slirp");
	if (!config->endpoints.count && own) { /* also slirp4netns, which is it with options */
		str_set(&config->network_mode, NULL);
		add_network(config, ENDPOINT_DEFAULT);
	}
	r = apply_alone(args, config, err);
	if (r == 0)
		r = apply_names(args, config, err);
	return r < 0 || config->network_mode ? r : settle(config, err);
}
