/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * addressing_test - which addresses a new network gets, and what is refused
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "net/addressing.h"

/* One wish; words are split at spaces. */
struct wish {
	const char *subnets, *gateways, *ranges, *reserved, *routes;
	bool ipv6, ipv4, no_ipv4, docker;
};

/* What is there: "web=10.89.0.0/24" a network's, "~podman=…" the default's, "@eth0=…" a link's, ">tun0=…" a route's. */
static void fill(const char *there, struct taken_list *out)
{
	static const struct {
		char mark;
		enum taken_owner owner;
	} owners[] = { { '~', TAKEN_DEFAULT }, { '@', TAKEN_LINK }, { '>', TAKEN_ROUTE } };
	AUTO(strv) struct strv words = { 0 };

	strv_split(&words, str_or(there, ""), ' ');
	for (size_t i = 0; i < words.count; i++) {
		enum taken_owner owner = TAKEN_NETWORK;
		char *name = words.items[i];
		struct subnet subnet;
		if (!*name)
			continue;
		char *text = str_cut(name, '=');
		for (size_t k = 0; k < array_len(owners); k++)
			if (*name == owners[k].mark)
				owner = owners[k].owner;
		assert_int_equal(subnet_parse(text, &subnet), 0);
		taken_add(out, &subnet, owner, name + (owner != TAKEN_NETWORK));
	}
}

static void split(struct strv *to, const char *words)
{
	if (words)
		strv_split(to, words, ' ');
}

static int plan(const struct wish *wish, const char *there, struct addressing *out, struct err *err)
{
	AUTO(taken_list) struct taken_list taken = { 0 };
	AUTO(strv) struct strv subnets = { 0 };
	AUTO(strv) struct strv gateways = { 0 };
	AUTO(strv) struct strv ranges = { 0 };
	AUTO(strv) struct strv reserved = { 0 };
	AUTO(strv) struct strv routes = { 0 };

	fill(there, &taken);
	split(&subnets, wish->subnets);
	split(&gateways, wish->gateways);
	split(&ranges, wish->ranges);
	split(&reserved, wish->reserved);
	split(&routes, wish->routes);
	const struct addressing_wish asked = {
		.subnets = &subnets,
		.gateways = &gateways,
		.ranges = &ranges,
		.reserved = &reserved,
		.routes = &routes,
		.ipv6 = wish->ipv6,
		.ipv4 = wish->ipv4,
		.no_ipv4 = wish->no_ipv4,
		.docker = wish->docker,
		.random = { 1, 2, 3, 4, 5, 6, 7 },
	};
	return addressing_plan(&asked, &taken, out, err);
}

/* "SUBNET GATEWAY[ FIRST-LAST]" of each, joined by ", ". */
static char *describe(const struct addressing *plan)
{
	AUTO(strv) struct strv parts = { 0 };

	for (size_t i = 0; i < plan->count; i++) {
		const struct addressing_subnet *s = &plan->items[i];
		strv_addf(&parts, "%s %s%s%s%s%s", s->subnet, s->gateway, s->first ? " " : "",
			  str_or(s->first, ""), s->first ? "-" : "", str_or(s->last, ""));
	}
	return str_join(&parts, ", ");
}

struct expected {
	struct wish wish;
	const char *there;
	const char *result;
};

static void check(const struct expected *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		AUTO(addressing) struct addressing out = { 0 };
		AUTO(err) struct err err = { 0 };
		int r = plan(&cases[i].wish, cases[i].there, &out, &err);
		AUTO(mem) char *text = r < 0 ? str_dup(err.text) : describe(&out);
		assert_string_equal(text, cases[i].result);
	}
}

static void what_is_asked_for_is_taken(void **state)
{
	static const struct expected cases[] = {
		{ { .subnets = "10.5.0.0/16" }, NULL, "10.5.0.0/16 10.5.0.1" },
		{ { .subnets = "10.5.7.7/16" }, NULL, "10.5.0.0/16 10.5.0.1" },
		{ { .subnets = "10.5.0.0/16", .gateways = "10.5.9.9" },
		  NULL,
		  "10.5.0.0/16 10.5.9.9" },
		{ { .subnets = "10.5.0.0/31" }, NULL, "10.5.0.0/31 10.5.0.1" },
		{ { .subnets = "fd12::/64" }, NULL, "fd12::/64 fd12::1" },
		{ { .subnets = "fd12::/64 10.5.0.0/16", .gateways = "10.5.0.2 fd12::2" },
		  NULL,
		  "fd12::/64 fd12::2, 10.5.0.0/16 10.5.0.2" },
	};

	(void)state;
	check(cases, array_len(cases));
}

static void a_range_is_read_as_the_tool_reads_it(void **state)
{
	static const struct expected cases[] = {
		{ { .subnets = "10.5.0.0/16", .ranges = "10.5.9.0/24" },
		  NULL,
		  "10.5.0.0/16 10.5.0.1 10.5.9.1-10.5.9.255" },
		{ { .subnets = "10.5.0.0/16", .ranges = "10.5.9.0/24", .docker = true },
		  NULL,
		  "10.5.0.0/16 10.5.0.1 10.5.9.0-10.5.9.255" },
		{ { .subnets = "10.5.0.0/24", .ranges = "10.5.0.0/25", .docker = true },
		  NULL,
		  "10.5.0.0/24 10.5.0.1 10.5.0.1-10.5.0.127" },
		{ { .subnets = "10.5.0.0/24", .ranges = "10.5.0.128/25" },
		  NULL,
		  "10.5.0.0/24 10.5.0.1 10.5.0.129-10.5.0.254" },
		{ { .subnets = "10.5.0.0/24", .ranges = "10.5.0.10-10.5.0.20" },
		  NULL,
		  "10.5.0.0/24 10.5.0.1 10.5.0.10-10.5.0.20" },
		{ { .subnets = "10.5.0.0/24", .ranges = "10.5.0.77/32" },
		  NULL,
		  "10.5.0.0/24 10.5.0.1 10.5.0.77-10.5.0.77" },
		{ { .subnets = "fd12::/64", .ranges = "fd12::10-fd12::20" },
		  NULL,
		  "fd12::/64 fd12::1 fd12::10-fd12::20" },
	};

	(void)state;
	check(cases, array_len(cases));
}

static void a_subnet_that_nothing_uses_is_chosen(void **state)
{
	static const struct expected cases[] = {
		{ { 0 }, NULL, "10.89.0.0/24 10.89.0.1" },
		{ { .docker = true }, NULL, "172.18.0.0/16 172.18.0.1" },
		{ { 0 }, "a=10.89.0.0/24 b=10.89.1.0/25", "10.89.2.0/24 10.89.2.1" },
		{ { 0 }, "@eth0=10.89.0.7/16", "10.90.0.0/24 10.90.0.1" },
		{ { 0 }, ">tun0=10.0.0.0/8", "172.18.0.0/16 172.18.0.1" },
		{ { .docker = true },
		  "~bridge=10.0.2.0/24 @wlan0=172.16.0.0/12",
		  "192.168.0.0/20 192.168.0.1" },
		{ { .docker = true },
		  "@a=172.16.0.0/12 @b=192.168.0.0/16",
		  "10.89.0.0/24 10.89.0.1" },
	};

	(void)state;
	check(cases, array_len(cases));
}

static void where_routes_lead_everywhere_only_links_are_avoided(void **state)
{
	static const struct expected cases[] = {
		{ { 0 },
		  ">tun0=0.0.0.0/1 >tun0=128.0.0.0/1 @eth0=10.89.0.9/24",
		  "10.89.1.0/24 10.89.1.1" },
		{ { .ipv6 = true },
		  ">tun0=fc00::/7",
		  "10.89.0.0/24 10.89.0.1, fd01:203:405:607::/64 fd01:203:405:607::1" },
		{ { 0 },
		  "@a=10.0.0.0/8 @b=172.16.0.0/12 @c=192.168.0.0/16",
		  "no private subnet is left that nothing else uses" },
	};

	(void)state;
	check(cases, array_len(cases));
}

static void families_are_as_asked_for(void **state)
{
	static const struct expected cases[] = {
		{ { .ipv6 = true },
		  NULL,
		  "10.89.0.0/24 10.89.0.1, fd01:203:405:607::/64 fd01:203:405:607::1" },
		{ { .ipv6 = true },
		  "a=fd01:203:405:607::/64",
		  "10.89.0.0/24 10.89.0.1, fd01:203:405:608::/64 fd01:203:405:608::1" },
		{ { .subnets = "fd12::/64", .ipv6 = true },
		  NULL,
		  "fd12::/64 fd12::1, 10.89.0.0/24 10.89.0.1" },
		{ { .subnets = "10.5.0.0/16", .ipv6 = true },
		  NULL,
		  "10.5.0.0/16 10.5.0.1, fd01:203:405:607::/64 fd01:203:405:607::1" },
		{ { .subnets = "fd12::/64", .ipv4 = true },
		  NULL,
		  "fd12::/64 fd12::1, 10.89.0.0/24 10.89.0.1" },
		{ { .ipv6 = true, .no_ipv4 = true },
		  NULL,
		  "fd01:203:405:607::/64 fd01:203:405:607::1" },
		{ { .no_ipv4 = true }, NULL, "a network needs IPv4 or IPv6: give --ipv6" },
		{ { .subnets = "10.5.0.0/16", .no_ipv4 = true },
		  NULL,
		  "the subnet '10.5.0.0/16' is one of IPv4, which is switched off" },
	};

	(void)state;
	check(cases, array_len(cases));
}

static void an_overlap_names_the_other_network(void **state)
{
	static const struct expected cases[] = {
		{ { .subnets = "10.89.0.0/16" },
		  "web=10.89.3.0/24",
		  "the subnet '10.89.0.0/16' overlaps '10.89.3.0/24' of the network 'web'" },
		{ { .subnets = "10.89.3.128/25" },
		  "web=10.89.3.0/24",
		  "the subnet '10.89.3.128/25' overlaps '10.89.3.0/24' of the network 'web'" },
		/* What the host reaches is the caller's to warn of. */
		{ { .subnets = "10.89.3.0/24" },
		  "@eth0=10.89.3.7/24 ~podman=10.89.3.0/24",
		  "10.89.3.0/24 10.89.3.1" },
	};

	(void)state;
	check(cases, array_len(cases));
}

static void what_cannot_be_is_refused(void **state)
{
	static const struct expected cases[] = {
		{ { .subnets = "10.5.0.0" }, NULL, "invalid subnet '10.5.0.0'" },
		{ { .subnets = "10.5.7.7/16", .docker = true },
		  NULL,
		  "invalid subnet '10.5.7.7/16': it is an address in a network" },
		{ { .subnets = "10.5.0.1/32" },
		  NULL,
		  "the subnet '10.5.0.1/32' has one address; a gateway and a container need two" },
		{ { .subnets = "127.1.0.0/16" },
		  NULL,
		  "the subnet '127.1.0.0/16' cannot be used: '127.0.0.0/8' is every machine's own" },
		{ { .subnets = "0.0.0.0/0" },
		  NULL,
		  "the subnet '0.0.0.0/0' cannot be used: '0.0.0.0/8' is of no network" },
		{ { .subnets = "169.254.0.0/16" },
		  NULL,
		  "the subnet '169.254.0.0/16' cannot be used: '169.254.1.1/32' has the address "
		  "that answers for names" },
		{ { .subnets = "fe80::/64" },
		  NULL,
		  "the subnet 'fe80::/64' cannot be used: 'fe80::/10' is of each link alone" },
		{ { .subnets = "10.5.0.0/16 10.6.0.0/16" },
		  NULL,
		  "the subnet '10.6.0.0/16' is the second of its family: a network has one of IPv4 "
		  "and one of IPv6" },
		{ { .gateways = "10.5.0.1" }, NULL, "--gateway cannot be given without --subnet" },
		{ { .ranges = "10.5.0.0/24" }, NULL, "--ip-range cannot be given without --subnet" },
		{ { .reserved = "a=10.5.0.4" },
		  NULL,
		  "--aux-address cannot be given without --subnet" },
		{ { .subnets = "10.5.0.0/16", .gateways = "10.6.0.1" },
		  NULL,
		  "the gateway '10.6.0.1' is in no --subnet" },
		{ { .subnets = "10.5.0.0/16", .gateways = "x" },
		  NULL,
		  "the gateway 'x' is no address" },
		{ { .subnets = "10.5.0.0/16", .gateways = "10.5.0.1 10.5.0.2" },
		  NULL,
		  "the gateway '10.5.0.2' is the second of its subnet" },
		{ { .subnets = "10.5.0.0/16", .gateways = "10.5.0.0" },
		  NULL,
		  "the gateway '10.5.0.0' is the first address of its subnet, which no machine "
		  "has" },
		{ { .subnets = "10.5.0.0/16", .gateways = "10.5.255.255" },
		  NULL,
		  "the gateway '10.5.255.255' is the last address of its subnet, which no machine "
		  "has" },
		{ { .subnets = "10.5.0.0/16", .ranges = "10.6.0.0/24" },
		  NULL,
		  "invalid range '10.6.0.0/24': it is in no --subnet" },
		{ { .subnets = "10.5.0.0/16", .ranges = "10.5.0.0/8" },
		  NULL,
		  "invalid range '10.5.0.0/8': it is in no --subnet" },
		{ { .subnets = "10.5.0.0/16", .ranges = "10.5.0.9-10.5.0.2" },
		  NULL,
		  "invalid range '10.5.0.9-10.5.0.2': it ends before it begins" },
		{ { .subnets = "10.5.0.0/16", .ranges = "10.5.0.9-x" },
		  NULL,
		  "invalid range '10.5.0.9-x': its ends are no addresses" },
		{ { .subnets = "10.5.0.0/16", .ranges = "10.5.0.9" },
		  NULL,
		  "invalid range '10.5.0.9': it is neither CIDR nor FIRST-LAST" },
		{ { .subnets = "10.5.0.0/16", .ranges = "10.5.0.1-10.5.0.1" },
		  NULL,
		  "the range has no address besides the gateway '10.5.0.1'" },
		{ { .subnets = "10.5.0.0/16", .reserved = "r=10.5.0.1" },
		  NULL,
		  "the reserved address '10.5.0.1' is the gateway's" },
		{ { .subnets = "10.5.0.0/16", .reserved = "10.5.0.4" },
		  NULL,
		  "--aux-address '10.5.0.4' is not NAME=ADDRESS" },
	};

	(void)state;
	check(cases, array_len(cases));
}

static void routes_lead_through_an_address_of_the_network(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "10.9.0.0/16", "it has not two or three parts" },
		{ "10.9.0.1/16,10.5.0.2", "its destination is no network" },
		{ "10.9.0.0/16,x", "its gateway is no address" },
		{ "10.9.0.0/16,10.6.0.2", "its gateway is in no subnet of this network" },
		{ "fd99::/64,10.5.0.2", "its gateway is in no subnet of this network" },
		{ "10.9.0.0/16,10.5.0.2,0", "its metric is no positive number" },
		{ "10.9.0.0/16,10.5.0.2,a", "its metric is no positive number" },
	};
	const struct wish good = { .subnets = "10.5.0.0/16",
				   .routes = "10.9.0.0/16,10.5.0.2 0.0.0.0/0,10.5.0.3,7" };
	AUTO(addressing) struct addressing out = { 0 };

	(void)state;
	assert_int_equal(plan(&good, NULL, &out, NULL), 0);
	assert_int_equal(out.routes.count, 2);
	assert_string_equal(out.routes.items[0].to, "10.9.0.0/16");
	assert_string_equal(out.routes.items[0].via, "10.5.0.2");
	assert_int_equal(out.routes.items[1].metric, 7);
	for (size_t i = 0; i < array_len(bad); i++) {
		const struct wish wish = { .subnets = "10.5.0.0/16", .routes = bad[i].text };
		AUTO(addressing) struct addressing none = { 0 };
		AUTO(err) struct err err = { 0 };
		AUTO(mem)
		char *said = str_fmt("invalid route '%s': %s", bad[i].text, bad[i].why);
		assert_int_equal(plan(&wish, NULL, &none, &err), -EINVAL);
		assert_string_equal(err.text, said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked_for_is_taken),
		cmocka_unit_test(a_range_is_read_as_the_tool_reads_it),
		cmocka_unit_test(a_subnet_that_nothing_uses_is_chosen),
		cmocka_unit_test(where_routes_lead_everywhere_only_links_are_avoided),
		cmocka_unit_test(families_are_as_asked_for),
		cmocka_unit_test(an_overlap_names_the_other_network),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(routes_lead_through_an_address_of_the_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
