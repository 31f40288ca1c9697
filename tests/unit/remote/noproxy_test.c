/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * noproxy_test - which registries are reached without the proxy
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "remote/noproxy.h"

static void the_loopback_needs_no_word(void **state)
{
	(void)state;
	assert_true(noproxy_matches(NULL, "localhost", 5000));
	assert_true(noproxy_matches("", "127.1.2.3", 80));
	assert_true(noproxy_matches("", "[::1]", 80));
	assert_false(noproxy_matches("", "localhost.example.com", 80));
	assert_false(noproxy_matches("", "192.0.2.1", 80));
}

static void a_name_means_all_below_it_and_a_dot_only_those(void **state)
{
	(void)state;
	assert_true(noproxy_matches("example.com", "example.com", 443));
	assert_true(noproxy_matches("a.io, Example.COM", "r.example.com", 443));
	assert_false(noproxy_matches("example.com", "badexample.com", 443));
	assert_false(noproxy_matches(".example.com", "example.com", 443));
	assert_true(noproxy_matches(".example.com", "a.example.com", 443));
	assert_true(noproxy_matches("*.example.com", "a.example.com", 443));
	assert_true(noproxy_matches("*", "anything", 1));
	assert_false(noproxy_matches(" ,, .", "anything", 1));
}

static void addresses_and_networks(void **state)
{
	(void)state;
	assert_true(noproxy_matches("192.0.2.1", "192.0.2.1", 80));
	assert_true(noproxy_matches("192.0.2.0/24", "192.0.2.77", 80));
	assert_false(noproxy_matches("192.0.2.0/24", "192.0.3.1", 80));
	assert_false(noproxy_matches("192.0.2.0/33", "192.0.2.1", 80));
	assert_false(noproxy_matches("192.0.2.0/x", "192.0.2.1", 80));
	assert_true(noproxy_matches("2001:db8::/32", "[2001:db8::7]", 80));
	assert_true(noproxy_matches("2001:db8::1", "2001:0db8:0::1", 80));
	assert_false(noproxy_matches("2001:db8::/32", "192.0.2.1", 80));
}

static void a_port_is_that_port_only(void **state)
{
	(void)state;
	assert_true(noproxy_matches("r.example.com:5000", "r.example.com", 5000));
	assert_false(noproxy_matches("r.example.com:5000", "r.example.com", 443));
	assert_true(noproxy_matches("192.0.2.1:80", "192.0.2.1", 80));
	assert_true(noproxy_matches("[2001:db8::1]:80", "[2001:db8::1]", 80));
	assert_false(noproxy_matches("[2001:db8::1]:80", "[2001:db8::1]", 81));
	assert_true(noproxy_matches("[2001:db8::1]", "2001:db8::1", 81));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_loopback_needs_no_word),
		cmocka_unit_test(a_name_means_all_below_it_and_a_dot_only_those),
		cmocka_unit_test(addresses_and_networks),
		cmocka_unit_test(a_port_is_that_port_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
