/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * leases - who gets which address
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cubby-net/leases.h"

static struct bridge_subnet subnets[2];

static void open_network(struct leases *leases, const struct bridge_subnet *four,
			 const struct bridge_subnet *six)
{
	static struct bridge_config config;
	AUTO(err) struct err err = { 0 };

	config = (struct bridge_config){ .name = (char *)"web" };
	config.subnets.items = subnets;
	if (four)
		subnets[config.subnets.count++] = *four;
	if (six)
		subnets[config.subnets.count++] = *six;
	if (leases_init(leases, &config, &err) < 0)
		fail_msg("%s", err.text);
}

static const char *take(struct leases *leases, const char *name, struct lease **out)
{
	static char text[INET6_ADDRSTRLEN];
	struct bridge_wish wish = { .container = (char *)"0123", .name = (char *)name };
	struct lease *lease = NULL;

	if (leases_take(leases, &wish, &lease, NULL) < 0)
		return "none";
	if (out)
		*out = lease;
	return inet_ntop(AF_INET, &lease->addr[0].in4, text, sizeof text);
}

static const struct bridge_subnet small = { (char *)"10.89.0.0", 29, (char *)"10.89.0.1", NULL,
					    NULL };

static void addresses_are_given_in_turn_and_none_of_the_networks_own(void **state)
{
	AUTO(leases) struct leases leases;
	struct lease *second = NULL;

	(void)state;
	open_network(&leases, &small, NULL);
	assert_string_equal(take(&leases, "a", NULL), "10.89.0.2");
	assert_string_equal(take(&leases, "b", &second), "10.89.0.3");
	leases_drop(&leases, second);
	assert_string_equal(take(&leases, "c", NULL), "10.89.0.4");
	assert_string_equal(take(&leases, "d", NULL), "10.89.0.5");
	assert_string_equal(take(&leases, "e", NULL), "10.89.0.6");
	assert_string_equal(take(&leases, "f", NULL), "10.89.0.3");
	assert_string_equal(take(&leases, "g", NULL), "none");
}

static void a_range_narrows_what_is_given_but_not_what_may_be_asked_for(void **state)
{
	AUTO(leases) struct leases leases;
	const struct bridge_subnet s = { (char *)"10.89.0.0", 24, (char *)"10.89.0.130",
					 (char *)"10.89.0.129", (char *)"10.89.0.132" };
	struct bridge_wish wish = { .name = (char *)"x", .ip = (char *)"10.89.0.7", .firm = true };
	struct lease *lease = NULL;

	(void)state;
	open_network(&leases, &s, NULL);
	assert_string_equal(take(&leases, "a", NULL), "10.89.0.129");
	assert_string_equal(take(&leases, "b", NULL), "10.89.0.131");
	assert_string_equal(take(&leases, "c", NULL), "10.89.0.132");
	assert_string_equal(take(&leases, "d", NULL), "none");
	assert_int_equal(leases_take(&leases, &wish, &lease, NULL), 0);
}

static void an_address_that_is_kept_back_is_for_who_asks(void **state)
{
	AUTO(leases) struct leases leases;
	AUTO(strv) struct strv kept = { 0 };
	struct bridge_wish wish = { .name = (char *)"x", .ip = (char *)"10.89.0.3" };
	struct lease *lease = NULL;

	(void)state;
	strv_add(&kept, "10.89.0.3");
	open_network(&leases, &small, NULL);
	leases.kept_back = &kept;
	assert_string_equal(take(&leases, "a", NULL), "10.89.0.2");
	assert_string_equal(take(&leases, "b", NULL), "10.89.0.4");
	assert_int_equal(leases_take(&leases, &wish, &lease, NULL), 0);
	assert_int_equal(lease->addr[0].in4.s_addr, inet_addr("10.89.0.3"));
}

static void a_firm_wish_is_kept_or_refused(void **state)
{
	static const struct {
		const char *ip, *ip6, *mac;
		int code;
		const char *words;
	} cases[] = {
		{ "10.89.0.3", "fd12::7", "02:00:00:00:00:07", 0, NULL },
		{ "10.89.0.2", NULL, NULL, -EADDRINUSE, "is that of container 'first'" },
		{ "10.89.0.1", NULL, NULL, -EINVAL, "the gateway" },
		{ "10.89.0.0", NULL, NULL, -EINVAL, "the network itself" },
		{ "10.89.0.7", NULL, NULL, -EINVAL, "everybody" },
		{ "10.89.0.8", NULL, NULL, -EINVAL, "'10.89.0.0/29' of network 'web'" },
		{ "fd12::9", NULL, NULL, -EINVAL, "no IPv4 address" },
		{ NULL, "fd13::1", NULL, -EINVAL, "'fd12::/64' of network 'web'" },
		{ NULL, "fd12::1", NULL, -EINVAL, "the gateway" },
		{ NULL, NULL, "01:00:00:00:00:07", -EINVAL, "no link address" },
		{ NULL, NULL, "02:00:0a:59:00:02", -EADDRINUSE, "that of 'first'" },
		{ NULL, NULL, "02:00:00:00:00:01", -EADDRINUSE, "the network itself" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		const struct bridge_subnet six = { (char *)"fd12::", 64, (char *)"fd12::1", NULL,
						   NULL };
		const struct bridge_wish wish = { .name = (char *)"x",
						  .ip = (char *)cases[i].ip,
						  .ip6 = (char *)cases[i].ip6,
						  .mac = (char *)cases[i].mac,
						  .firm = true };
		AUTO(leases) struct leases leases;
		AUTO(err) struct err err = { 0 };
		struct lease *lease = NULL;

		open_network(&leases, &small, &six);
		leases_reserve(&leases, (const uint8_t *)"\x02\0\0\0\0\1");
		assert_string_equal(take(&leases, "first", NULL), "10.89.0.2");
		assert_int_equal(leases_take(&leases, &wish, &lease, &err), cases[i].code);
		if (cases[i].words && !strstr(err.text, cases[i].words))
			fail_msg("'%s' is not in '%s'", cases[i].words, err.text);
		/* What was refused took nothing. */
		if (cases[i].code < 0)
			assert_null(leases.all->next);
	}
}

static void a_wish_that_is_not_firm_gives_way(void **state)
{
	static const char *const wishes[] = { "10.89.0.2", "10.89.0.1", "192.168.0.1", "x" };

	(void)state;
	for (size_t i = 0; i < array_len(wishes); i++) {
		const struct bridge_wish wish = { .name = (char *)"x", .ip = (char *)wishes[i] };
		AUTO(leases) struct leases leases;
		struct lease *lease = NULL;
		struct netlink_addr third;

		open_network(&leases, &small, NULL);
		assert_string_equal(take(&leases, "first", NULL), "10.89.0.2");
		assert_int_equal(leases_take(&leases, &wish, &lease, NULL), 0);
		assert_int_equal(netlink_addr_parse("10.89.0.3", &third), 0);
		assert_memory_equal(&lease->addr[0].in4, &third.in4, sizeof third.in4);
	}
}

static void a_network_of_ipv6_alone_is_one(void **state)
{
	const struct bridge_subnet six = { (char *)"fd12::ffff:0", 120, (char *)"fd12::ffff:ff",
					   (char *)"fd12::ffff:fe", NULL };
	AUTO(leases) struct leases leases;
	struct bridge_wish wish = { .name = (char *)"x" };
	struct lease *lease = NULL;
	char text[INET6_ADDRSTRLEN];

	(void)state;
	open_network(&leases, NULL, &six);
	assert_int_equal(leases_take(&leases, &wish, &lease, NULL), 0);
	assert_int_equal(lease->addr[0].family, 0);
	assert_string_equal(inet_ntop(AF_INET6, &lease->addr[1].in6, text, sizeof text),
			    "fd12::ffff:fe");
	assert_memory_equal(lease->mac, "\x02\x01\xff\xff\x00\xfe", ETH_ALEN);
	/* The last one is the gateway. */
	assert_int_equal(leases_take(&leases, &wish, &lease, NULL), -EADDRNOTAVAIL);
}

static void a_subnet_of_two_has_room_for_one(void **state)
{
	const struct bridge_subnet s = { (char *)"10.89.0.4", 31, (char *)"10.89.0.5", NULL, NULL };
	AUTO(leases) struct leases leases;

	(void)state;
	open_network(&leases, &s, NULL);
	assert_string_equal(take(&leases, "a", NULL), "10.89.0.4");
	assert_string_equal(take(&leases, "b", NULL), "none");
}

static void a_link_address_is_nobody_elses(void **state)
{
	AUTO(leases) struct leases leases;
	const struct bridge_wish thief = { .name = (char *)"x",
					   .ip = (char *)"10.89.0.6",
					   .mac = (char *)"02:00:0a:59:00:02" };
	struct lease *other = NULL, *lease = NULL;

	(void)state;
	open_network(&leases, &small, NULL);
	assert_int_equal(leases_take(&leases, &thief, &other, NULL), 0);
	assert_string_equal(take(&leases, "a", &lease), "10.89.0.2");
	assert_memory_not_equal(lease->mac, other->mac, ETH_ALEN);
}

static void subnets_that_cannot_be_are_refused(void **state)
{
	static const struct bridge_subnet bad[][2] = {
		{ { (char *)"10.89.0.0", 32, NULL, NULL, NULL }, { 0 } },
		{ { (char *)"10.89.0.0", 0, NULL, NULL, NULL }, { 0 } },
		{ { (char *)"10.89", 24, NULL, NULL, NULL }, { 0 } },
		{ { (char *)"10.89.0.0", 24, (char *)"fd00::1", NULL, NULL }, { 0 } },
		{ { (char *)"10.89.0.0", 24, NULL, (char *)"10.89.1.1", NULL }, { 0 } },
		{ { (char *)"10.89.0.0", 24, NULL, (char *)"10.89.0.9", (char *)"10.89.0.8" },
		  { 0 } },
		{ { (char *)"10.89.0.0", 24, NULL, NULL, NULL },
		  { (char *)"10.90.0.0", 24, NULL, NULL, NULL } },
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		struct bridge_config config = { .name = (char *)"web" };
		AUTO(leases) struct leases leases;
		memcpy(subnets, bad[i], sizeof subnets);
		config.subnets.items = subnets;
		config.subnets.count = bad[i][1].network ? 2 : 1;
		assert_int_equal(leases_init(&leases, &config, NULL), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_given_in_turn_and_none_of_the_networks_own),
		cmocka_unit_test(a_range_narrows_what_is_given_but_not_what_may_be_asked_for),
		cmocka_unit_test(an_address_that_is_kept_back_is_for_who_asks),
		cmocka_unit_test(a_firm_wish_is_kept_or_refused),
		cmocka_unit_test(a_wish_that_is_not_firm_gives_way),
		cmocka_unit_test(a_network_of_ipv6_alone_is_one),
		cmocka_unit_test(a_subnet_of_two_has_room_for_one),
		cmocka_unit_test(a_link_address_is_nobody_elses),
		cmocka_unit_test(subnets_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
