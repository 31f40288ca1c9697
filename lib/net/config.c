/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * config - what a container's network shall be, and where everything in it is
 *
 * The addresses within the subnet are those that users of slirp4netns know: .2 is the gateway, .3
 * the name server, .100 the container. Its link address ends in its IPv4 address, so it is stable.
 */
#include "net/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdio.h>

#include "base/file.h"
#include "net/fastnet.h"
#include "net/pastaargs.h"

enum {
	HOST_KEPT = 1, /* libslirp's own */
	HOST_GATEWAY = 2,
	HOST_DNS = 3,
	HOST_SELF = 100,
	PREFIX_MIN = 8,	 /* libslirp and users expect a private network, not the internet */
	PREFIX_MAX = 25, /* .100 must fit in */
	MTU_MIN = 1280,	 /* what IPv6 asks of any link */
	MTU_MAX = 65520, /* largest that a tap takes with an Ethernet header */
	FIRST_PRIVILEGED_DEFAULT = 1024,
};

static const char default_subnet[] = "10.0.2.0/24";

static const struct jfield relay_fields[] = {
	J_TEXT("IPAddress", struct net_relay, ip),
	J_TEXT("GlobalIPv6Address", struct net_relay, ip6),
	J_TEXT("Gateway", struct net_relay, gateway),
	J_TEXT("IPv6Gateway", struct net_relay, gateway6),
	J_END,
};

const struct jfield net_config_fields[] = {
	J_TEXT("Subnet", struct net_config, subnet),
	J_TEXT("IP", struct net_config, ip),
	J_TEXT("IP6", struct net_config, ip6),
	J_TEXT("MAC", struct net_config, mac),
	J_INT("MTU", struct net_config, mtu),
	J_BOOL("NoIPv6", struct net_config, no_ipv6),
	J_BOOL("AllowHostLoopback", struct net_config, allow_host_loopback),
	J_TEXT("OutboundAddr", struct net_config, outbound_addr),
	J_TEXT("OutboundAddr6", struct net_config, outbound_addr6),
	J_BOOL("HideClient", struct net_config, hide_client),
	J_BOOL("Fast", struct net_config, fast),
	J_STRV("Allow", struct net_config, allow),
	J_BOOL("Again", struct net_config, again),
	J_BOOL("Behind", struct net_config, behind),
	J_LIST("Ports", struct net_config, ports, port_map_fields),
	J_STRUCT("Relay", struct net_config, relay, relay_fields),
	J_END,
};

const struct jfield net_plan_fields[] = {
	J_TEXT("Interface", struct net_plan, interface),
	J_TEXT("MacAddress", struct net_plan, mac),
	J_INT("MTU", struct net_plan, mtu),
	J_TEXT("Network", struct net_plan, network),
	J_INT("Prefix", struct net_plan, prefix),
	J_TEXT("IPAddress", struct net_plan, ip),
	J_TEXT("Gateway", struct net_plan, gateway),
	J_TEXT("DNS", struct net_plan, dns),
	J_TEXT("Network6", struct net_plan, network6),
	J_INT("Prefix6", struct net_plan, prefix6),
	J_TEXT("GlobalIPv6Address", struct net_plan, ip6),
	J_TEXT("IPv6Gateway", struct net_plan, gateway6),
	J_END,
};

/* --- options --------------------------------------------------------------------------------- */

static int read_bool(const char *name, const char *value, bool *out, struct err *err)
{
	bool yes = str_eq(value, "true") || str_eq(value, "1");

	if (!yes && !str_eq(value, "false") && !str_eq(value, "0"))
		return err_set(err, -EINVAL, "network option '%s' is true or false, not '%s'", name,
			       value);
	*out = yes;
	return 0;
}

static int set_loopback(struct net_config *c, const char *value, struct err *err)
{
	return read_bool("allow_host_loopback", value, &c->allow_host_loopback, err);
}

static int set_ipv6(struct net_config *c, const char *value, struct err *err)
{
	bool on = false;
	int r = read_bool("enable_ipv6", value, &on, err);

	if (r == 0)
		c->no_ipv6 = !on;
	return r;
}

static int set_cidr(struct net_config *c, const char *value, struct err *err)
{
	struct net_config trial = { .subnet = (char *)value };
	AUTO(net_plan) struct net_plan plan = { 0 };
	int r = net_plan(&trial, &plan, err);

	if (r == 0)
		str_set(&c->subnet, value);
	return r;
}

static int set_mtu(struct net_config *c, const char *value, struct err *err)
{
	uint64_t mtu;

	if (str_u64(value, MTU_MAX, &mtu) < 0 || mtu < MTU_MIN)
		return err_set(err, -EINVAL,
			       "network option 'mtu' is a number from %d to %d, not '%s'", MTU_MIN,
			       MTU_MAX, value);
	c->mtu = (int)mtu;
	return 0;
}

static int set_address(const char *name, int family, char **slot, const char *value,
		       struct err *err)
{
	struct in6_addr any;

	if (inet_pton(family, value, &any) != 1)
		return err_set(err, -EINVAL, "network option '%s' is %s address, not '%s'", name,
			       family == AF_INET ? "an IPv4" : "an IPv6", value);
	str_set(slot, value);
	return 0;
}

/* Whether an interface has an address shows when the container starts. */
static int set_source(const char *name, int family, char **slot, const char *value, struct err *err)
{
	bool numeric = !value[strspn(value, "0123456789.")] || strchr(value, ':');

	if (numeric || strlen(value) >= IFNAMSIZ || strpbrk(value, "/ \t"))
		return set_address(name, family, slot, value, err);
	str_set(slot, value);
	return 0;
}

static int set_outbound(struct net_config *c, const char *value, struct err *err)
{
	return set_source("outbound_addr", AF_INET, &c->outbound_addr, value, err);
}

static int set_outbound6(struct net_config *c, const char *value, struct err *err)
{
	return set_source("outbound_addr6", AF_INET6, &c->outbound_addr6, value, err);
}

static int set_ip(struct net_config *c, const char *value, struct err *err)
{
	return set_address("ip", AF_INET, &c->ip, value, err);
}

static int set_ip6(struct net_config *c, const char *value, struct err *err)
{
	return set_address("ip6", AF_INET6, &c->ip6, value, err);
}

int net_mac_parse(const char *text, char **out, struct err *err)
{
	AUTO(mem) char *copy = str_dup(text);
	struct ether_addr mac;

	for (char *p = copy; *p; p++)
		*p = *p == '-' ? ':' : *p;
	if (!ether_aton_r(copy, &mac))
		return err_set(err, -EINVAL,
			       "a MAC address is written like '02:00:00:00:00:01', not '%s'", text);
	const uint8_t *m = mac.ether_addr_octet;
	if (m[0] & 1)
		return err_set(err, -EINVAL, "'%s' is a MAC address of many devices, not of one",
			       text);
	*out = str_fmt("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	return 0;
}

static int set_mac(struct net_config *c, const char *value, struct err *err)
{
	AUTO(mem) char *mac = NULL;
	int r = net_mac_parse(value, &mac, err);

	if (r == 0)
		str_set(&c->mac, mac);
	return r;
}

static int set_handler(struct net_config *c, const char *value, struct err *err)
{
	c->hide_client = str_eq(value, "rootlesskit");
	if (!c->hide_client && !str_eq(value, "slirp4netns"))
		return err_set(err, -EINVAL, "unknown port handler '%s'", value);
	return 0;
}

static int set_fast(struct net_config *c, const char *value, struct err *err)
{
	return read_bool("fast", value, &c->fast, err);
}

static int set_allow(struct net_config *c, const char *value, struct err *err)
{
	struct fastnet net;
	int r = fastnet_parse(value, &net, err);

	if (r == 0)
		strv_add(&c->allow, value);
	return r;
}

static const struct {
	const char *name;
	int (*set)(struct net_config *, const char *, struct err *);
} options[] = {
	{ "allow", set_allow },
	{ "allow_host_loopback", set_loopback },
	{ "cidr", set_cidr },
	{ "enable_ipv6", set_ipv6 },
	{ "fast", set_fast },
	{ "ip", set_ip },
	{ "ip6", set_ip6 },
	{ "mac", set_mac },
	{ "mtu", set_mtu },
	{ "outbound_addr", set_outbound },
	{ "outbound_addr6", set_outbound6 },
	{ "port_handler", set_handler },
};

static int set_option(struct net_config *c, const char *option, struct err *err)
{
	AUTO(mem) char *name = str_dup(option);
	const char *value = str_cut(name, '=');

	for (size_t i = 0; value && i < array_len(options); i++)
		if (str_eq(options[i].name, name))
			return options[i].set(c, value, err);
	(void)err_set(err, -EINVAL, "unknown network option '%s'", option);
	return err_hint(
		err, "there are allow_host_loopback, cidr, enable_ipv6, ip, ip6, mac, mtu, "
		     "outbound_addr, outbound_addr6 and port_handler; allow with --network fast");
}

/* --- modes ------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	const char *mode;
} modes[] = {
	{ "bridge", "slirp" },	    { "default", "slirp" }, { "fast", "slirp" },
	{ "host", "host" },	    { "none", "none" },	    { "pasta", "pasta" },
	{ "podman", "slirp" },	    { "private", "slirp" }, { "slirp", "slirp" },
	{ "slirp4netns", "slirp" },
};

static int parse_options(const char *text, bool fast, struct strv *out, struct err *err)
{
	AUTO(strv) struct strv list = { 0 };
	AUTO(net_config) struct net_config trial = { 0 };

	if (fast)
		strv_add(&list, "fast=true");
	if (text)
		strv_split(&list, text, ',');
	for (size_t i = 0; i < list.count; i++) {
		int r = set_option(&trial, list.items[i], err);
		if (r < 0)
			return r;
	}
	if (trial.allow.count && !trial.fast)
		return err_set(err, -EINVAL, "network option 'allow' belongs to --network fast");
	strv_extend(out, &list);
	return 0;
}

bool net_is_fast(const struct strv *opts)
{
	for (size_t i = 0; i < opts->count; i++)
		if (str_eq(opts->items[i], "fast=true"))
			return true;
	return false;
}

int net_mode_parse(const char *text, char **out_mode, struct strv *out_options, struct err *err)
{
	AUTO(mem) char *name = str_dup(str_or(text, "default"));
	const char *joined = str_starts(name, "container:");

	if (joined && *joined) {
		*out_mode = take_ptr(name);
		return 0;
	}
	const char *rest = str_cut(name, ':');
	bool fast = str_eq(name, "fast"), pasta = str_eq(name, "pasta");
	if (str_eq(name, "ns")) {
		(void)err_set(err, -EINVAL,
			      "--network ns: a network namespace cannot be given by its path");
		return err_hint(err, "that of a container can: --network container:NAME");
	}
	if (rest && !fast && !pasta && !str_eq(name, "slirp4netns"))
		return err_set(err, -EINVAL, "network '%s' takes no options, but '%s' follows",
			       name, rest);
	for (size_t i = 0; i < array_len(modes); i++) {
		if (!str_eq(modes[i].name, name))
			continue;
		int r = pasta	       ? pastaargs_check(rest, out_options, err)
			: rest || fast ? parse_options(rest, fast, out_options, err)
				       : 0;
		if (r == 0)
			*out_mode = str_dup(modes[i].mode);
		return r;
	}
	(void)err_set(err, -ENOENT, "there is no network named '%s'", name);
	return err_hint(err,
			"there are bridge (also default, podman, private), slirp4netns:OPTIONS, "
			"fast, pasta:OPTIONS, none, host and container:NAME");
}

int net_config_load(const struct strv *opts, const struct strv *ports, struct net_config *out,
		    struct err *err)
{
	for (size_t i = 0; i < opts->count; i++) {
		int r = set_option(out, opts->items[i], err);
		if (r < 0)
			return r;
	}
	return ports_load(ports, &out->ports, err);
}

void net_config_clear(struct net_config *config)
{
	jfield_clear(net_config_fields, config);
}

/* --- plan ------------------------------------------------------------------------------------- */

static char *address_at(struct in_addr network, uint32_t host)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr a = { htonl(ntohl(network.s_addr) + host) };

	return str_dup(inet_ntop(AF_INET, &a, text, sizeof text));
}

static int parse_subnet(const char *text, struct in_addr *out, int *out_prefix, struct err *err)
{
	AUTO(mem) char *address = str_dup(text);
	const char *bits = str_cut(address, '/');
	struct in_addr a;
	uint64_t prefix;

	if (!bits || inet_pton(AF_INET, address, &a) != 1 ||
	    str_u64(bits, PREFIX_MAX, &prefix) < 0 || prefix < PREFIX_MIN)
		return err_set(err, -EINVAL,
			       "a subnet is written like '%s' with %d to %d bits, not '%s'",
			       default_subnet, PREFIX_MIN, PREFIX_MAX, text);
	out->s_addr = a.s_addr & htonl(~(UINT32_MAX >> prefix));
	*out_prefix = (int)prefix;
	return 0;
}

bool net_config_relays(const struct net_config *config)
{
	return config->relay.ip || config->relay.ip6;
}

static void plan_relay(const struct net_relay *relay, struct net_plan *out)
{
	*out = (struct net_plan){ 0 };
	str_set(&out->ip, relay->ip);
	str_set(&out->ip6, relay->ip6);
	str_set(&out->gateway, relay->gateway);
	str_set(&out->gateway6, relay->gateway6);
}

/* The wished address as its place in the subnet. */
static int place_of(const char *ip, struct in_addr network, int prefix, uint32_t *out,
		    struct err *err)
{
	struct in_addr a;

	if (!ip || inet_pton(AF_INET, ip, &a) != 1)
		return 0; /* read before */
	uint32_t place = ntohl(a.s_addr) - ntohl(network.s_addr), last = UINT32_MAX >> prefix;
	if (place > last) {
		AUTO(mem) char *first = address_at(network, 0);
		return err_set(err, -EINVAL, "the address '%s' is not in the subnet '%s/%d'", ip,
			       first, prefix);
	}
	if (place == 0 || place == last || place == HOST_KEPT || place == HOST_GATEWAY ||
	    place == HOST_DNS)
		return err_set(err, -EINVAL,
			       "the address '%s' is not free: the subnet's first, the next three "
			       "and the last are not for containers",
			       ip);
	*out = place;
	return 0;
}

/* Within fd00::/64, where the first numbers are taken as well. */
static int check_ip6(const char *ip6, struct err *err)
{
	static const uint8_t network[8] = { 0xfd };
	struct in6_addr a;

	if (!ip6 || inet_pton(AF_INET6, ip6, &a) != 1)
		return 0;
	bool low = true;
	for (int i = 8; i < 15; i++)
		low = low && a.s6_addr[i] == 0;
	if (!memcmp(a.s6_addr, network, sizeof network) && !(low && a.s6_addr[15] <= HOST_DNS))
		return 0;
	return err_set(err, -EINVAL, "the address '%s' is not one of fd00::4 and up in fd00::/64",
		       ip6);
}

int net_plan(const struct net_config *config, struct net_plan *out, struct err *err)
{
	if (net_config_relays(config)) {
		plan_relay(&config->relay, out);
		return 0;
	}
	struct in_addr network = { 0 };
	uint32_t place = HOST_SELF;
	int prefix = 0;
	int r = parse_subnet(str_or(config->subnet, default_subnet), &network, &prefix, err);

	if (r == 0)
		r = place_of(config->ip, network, prefix, &place, err);
	if (r == 0 && config->ip6 && config->no_ipv6)
		r = err_set(err, -EINVAL, "there is no address '%s' without IPv6", config->ip6);
	if (r == 0)
		r = check_ip6(config->ip6, err);
	if (r < 0)
		return r;
	uint32_t self = ntohl(network.s_addr) + place;
	*out = (struct net_plan){
		.interface = str_dup("tap0"),
		.mac = config->mac ? str_dup(config->mac)
				   : str_fmt("02:00:%02x:%02x:%02x:%02x", self >> 24,
					     self >> 16 & 255, self >> 8 & 255, self & 255),
		.mtu = config->mtu ? config->mtu : NET_MTU,
		.network = address_at(network, 0),
		.prefix = prefix,
		.ip = address_at(network, place),
		.gateway = address_at(network, HOST_GATEWAY),
		.dns = address_at(network, HOST_DNS),
	};
	if (config->no_ipv6)
		return 0;
	out->network6 = str_dup("fd00::");
	out->prefix6 = 64;
	out->ip6 = str_dup(str_or(config->ip6, "fd00::100"));
	out->gateway6 = str_dup("fd00::2");
	return 0;
}

void net_plan_clear(struct net_plan *plan)
{
	jfield_clear(net_plan_fields, plan);
}

int net_unprivileged_port(void)
{
	AUTO(mem) char *text = NULL;
	uint64_t port;

	if (file_read(AT_FDCWD, "/proc/sys/net/ipv4/ip_unprivileged_port_start", 64, &text, NULL) <
		    0 ||
	    str_u64(str_trim(text), 65535, &port) < 0)
		return FIRST_PRIVILEGED_DEFAULT;
	return (int)port;
}
