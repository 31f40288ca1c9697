/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * subnet_test - ranges of addresses with their first bits in common
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "net/subnet.h"

static struct subnet of(const char *text)
{
	struct subnet s = { 0 };

	assert_int_equal(subnet_parse(text, &s), 0);
	return s;
}

static void first_and_last_are_the_borders(void **state)
{
	static const struct {
		const char *text, *first, *last;
	} cases[] = {
		{ "10.89.5.7/24", "10.89.5.0", "10.89.5.255" },
		{ "10.89.5.7/20", "10.89.0.0", "10.89.15.255" },
		{ "10.89.5.7/31", "10.89.5.6", "10.89.5.7" },
		{ "10.89.5.7/32", "10.89.5.7", "10.89.5.7" },
		{ "10.89.5.7/0", "0.0.0.0", "255.255.255.255" },
		{ "fd12::7/64", "fd12::", "fd12::ffff:ffff:ffff:ffff" },
		{ "fd12::7/127", "fd12::6", "fd12::7" },
		{ "fd12:3456::/31", "fd12:3456::", "fd12:3457:ffff:ffff:ffff:ffff:ffff:ffff" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		struct subnet s = of(cases[i].text);
		struct netlink_addr a = subnet_first(&s), b = subnet_last(&s);
		AUTO(mem) char *first = subnet_address_print(&a);
		AUTO(mem) char *last = subnet_address_print(&b);
		assert_string_equal(first, cases[i].first);
		assert_string_equal(last, cases[i].last);
	}
}

static void what_is_no_subnet_is_refused(void **state)
{
	static const char *const bad[] = {
		"",	     "/",	    "10.0.0.0",	     "10.0.0.0/",    "10.0.0.0/33",
		"10.0.0/24", "10.0.0.0/-1", "10.0.0.0/24/8", "10.0.0.0/ 24", "fd12::/129",
		"fd12/64",   "a/8",	    "[fd12::]/64",
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		struct subnet s;
		assert_int_equal(subnet_parse(bad[i], &s), -EINVAL);
	}
}

static void subnets_overlap_when_one_is_in_the_other(void **state)
{
	static const struct {
		const char *a, *b;
		bool overlap;
	} cases[] = {
		{ "10.0.0.0/8", "10.89.0.0/24", true },	   { "10.89.0.0/24", "10.89.0.0/24", true },
		{ "10.89.0.0/24", "10.89.1.0/24", false }, { "10.89.0.0/23", "10.89.1.0/24", true },
		{ "0.0.0.0/0", "192.168.1.1/32", true },   { "fd00::/8", "fd12::/64", true },
		{ "fd12::/64", "fd12:0:0:1::/64", false }, { "::/0", "10.0.0.0/8", false },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		struct subnet a = of(cases[i].a), b = of(cases[i].b);
		assert_int_equal(subnet_overlap(&a, &b), cases[i].overlap);
		assert_int_equal(subnet_overlap(&b, &a), cases[i].overlap);
	}
}

static void only_a_network_has_no_bits_behind_its_prefix(void **state)
{
	(void)state;
	struct subnet machine = of("10.89.5.7/24"), other = of("fd12::1/64"), net = of("fd12::/64");
	assert_false(subnet_is_network(&machine));
	assert_false(subnet_is_network(&other));
	assert_true(subnet_is_network(&net));
}

static void addresses_are_counted_across_bytes(void **state)
{
	static const struct {
		const char *from;
		int64_t by;
		const char *to;
	} cases[] = {
		{ "10.0.0.255", 1, "10.0.1.0" },
		{ "10.0.1.0", -1, "10.0.0.255" },
		{ "10.255.255.255", 2, "11.0.0.1" },
		{ "255.255.255.255", 1, "0.0.0.0" },
		{ "10.0.0.0", 65536, "10.1.0.0" },
		{ "fd12::ffff:ffff:ffff:ffff", 1, "fd12:0:0:1::" },
		{ "fd12:0:0:1::", -1, "fd12::ffff:ffff:ffff:ffff" },
		{ "fd12::", -256, "fd11:ffff:ffff:ffff:ffff:ffff:ffff:ff00" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		struct netlink_addr from;
		assert_int_equal(netlink_addr_parse(cases[i].from, &from), 0);
		struct netlink_addr to = subnet_address_add(&from, cases[i].by);
		AUTO(mem) char *text = subnet_address_print(&to);
		assert_string_equal(text, cases[i].to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_and_last_are_the_borders),
		cmocka_unit_test(what_is_no_subnet_is_refused),
		cmocka_unit_test(subnets_overlap_when_one_is_in_the_other),
		cmocka_unit_test(only_a_network_has_no_bits_behind_its_prefix),
		cmocka_unit_test(addresses_are_counted_across_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
