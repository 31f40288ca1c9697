/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fastnet - networks that --network fast:allow= names
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/fastnet.h"

static bool has(const char *network, const char *address)
{
	struct fastnet net;
	struct in_addr in4;
	struct in6_addr in6;

	assert_int_equal(fastnet_parse(network, &net, NULL), 0);
	if (inet_pton(AF_INET, address, &in4) == 1)
		return fastnet_has4(&net, in4);
	assert_int_equal(inet_pton(AF_INET6, address, &in6), 1);
	return fastnet_has6(&net, &in6);
}

static void a_network_has_its_addresses_and_no_others(void **state)
{
	(void)state;
	assert_true(has("10.1.0.0/16", "10.1.255.255"));
	assert_false(has("10.1.0.0/16", "10.2.0.0"));
	assert_true(has("10.1.2.128/25", "10.1.2.200"));
	assert_false(has("10.1.2.128/25", "10.1.2.127"));
	assert_true(has("0.0.0.0/0", "203.0.113.9"));
	assert_true(has("192.0.2.7", "192.0.2.7"));
	assert_false(has("192.0.2.7", "192.0.2.6"));
	assert_true(has("fd12::/48", "fd12:0:0:9::1"));
	assert_false(has("fd12::/48", "fd12:0:1::1"));
	assert_true(has("2001:db8::1", "2001:db8::1"));
}

static void bits_beyond_the_prefix_do_not_count(void **state)
{
	(void)state;
	assert_true(has("10.1.2.3/16", "10.1.9.9"));
	assert_true(has("fe80::1/10", "febf::9"));
	assert_false(has("fe80::1/10", "fec0::9"));
}

static void a_network_has_nothing_of_the_other_family(void **state)
{
	(void)state;
	assert_false(has("0.0.0.0/0", "::"));
	assert_false(has("::/0", "0.0.0.0"));
}

static void what_is_no_network_is_named(void **state)
{
	static const char *const wrong[] = {
		"",	     "10.0.0/8",   "10.0.0.0/33", "fd00::/129",
		"10.0.0.0/", "10.0.0.0/x", "host",	  "1.2.3.4/-1"
	};

	(void)state;
	for (size_t i = 0; i < array_len(wrong); i++) {
		AUTO(err) struct err err = { 0 };
		struct fastnet net;
		assert_int_equal(fastnet_parse(wrong[i], &net, &err), -EINVAL);
		assert_non_null(strstr(err.text, "'allow'"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_has_its_addresses_and_no_others),
		cmocka_unit_test(bits_beyond_the_prefix_do_not_count),
		cmocka_unit_test(a_network_has_nothing_of_the_other_family),
		cmocka_unit_test(what_is_no_network_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
