/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy - where a container's connections may run, and how its addresses are read
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cubby-fast/policy.h"

static const struct net_plan usual = {
	.ip = (char *)"10.0.2.100",
	.prefix = 24,
	.gateway = (char *)"10.0.2.2",
	.network6 = (char *)"fd00::",
	.prefix6 = 64,
	.ip6 = (char *)"fd00::100",
	.gateway6 = (char *)"fd00::2",
};

static union address address(const char *ip)
{
	union address a = { 0 };

	if (inet_pton(AF_INET, ip, &a.in4.sin_addr) == 1)
		a.any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, ip, &a.in6.sin6_addr) == 1)
		a.any.sa_family = AF_INET6;
	a.in4.sin_port = htons(80);
	return a;
}

static enum policy_verdict judge(const char *allow, const char *ip)
{
	struct net_config config = { 0 };
	struct policy policy;
	union address to = address(ip);

	if (allow)
		strv_split(&config.allow, allow, ',');
	assert_int_equal(policy_init(&policy, &config, &usual, NULL), 0);
	(void)policy_unmap(&to);
	enum policy_verdict verdict = policy_judge(&policy, &to);
	free(policy.never.items);
	free(policy.private.items);
	free(policy.allow.items);
	net_config_clear(&config);
	return verdict;
}

static void every_kind_of_address_has_its_verdict(void **state)
{
	static const struct {
		const char *ip;
		enum policy_verdict verdict;
	} table[] = {
		/* itself */
		{ "127.0.0.1", POLICY_DOOR },
		{ "127.9.9.9", POLICY_DOOR },
		{ "0.0.0.0", POLICY_DOOR },
		{ "10.0.2.100", POLICY_DOOR },
		{ "::1", POLICY_DOOR },
		{ "::", POLICY_DOOR },
		{ "fd00::100", POLICY_DOOR },
		{ "::ffff:127.0.0.1", POLICY_DOOR },
		/* the host */
		{ "10.0.2.2", POLICY_HOST },
		{ "fd00::2", POLICY_HOST },
		{ "::ffff:10.0.2.2", POLICY_HOST },
		/* its network */
		{ "10.0.2.3", POLICY_INSIDE },
		{ "10.0.2.255", POLICY_INSIDE },
		{ "fd00::3", POLICY_INSIDE },
		/* never */
		{ "0.1.2.3", POLICY_INSIDE },
		{ "169.254.169.254", POLICY_INSIDE },
		{ "224.0.0.1", POLICY_INSIDE },
		{ "255.255.255.255", POLICY_INSIDE },
		{ "fe80::1", POLICY_INSIDE },
		{ "ff02::1", POLICY_INSIDE },
		{ "::1.2.3.4", POLICY_INSIDE },
		{ "64:ff9b::7f00:1", POLICY_INSIDE },
		{ "2002:7f00:1::", POLICY_INSIDE },
		/* private */
		{ "10.0.3.1", POLICY_INSIDE },
		{ "172.16.0.1", POLICY_INSIDE },
		{ "172.31.255.255", POLICY_INSIDE },
		{ "192.168.1.1", POLICY_INSIDE },
		{ "100.64.0.1", POLICY_INSIDE },
		{ "100.127.255.255", POLICY_INSIDE },
		{ "fd12::1", POLICY_INSIDE },
		{ "fc00::1", POLICY_INSIDE },
		{ "::ffff:192.168.1.1", POLICY_INSIDE },
		/* all else, up to their edges */
		{ "1.1.1.1", POLICY_OUTSIDE },
		{ "9.255.255.255", POLICY_OUTSIDE },
		{ "11.0.0.0", POLICY_OUTSIDE },
		{ "100.63.255.255", POLICY_OUTSIDE },
		{ "100.128.0.0", POLICY_OUTSIDE },
		{ "126.255.255.255", POLICY_OUTSIDE },
		{ "128.0.0.0", POLICY_OUTSIDE },
		{ "172.15.255.255", POLICY_OUTSIDE },
		{ "172.32.0.0", POLICY_OUTSIDE },
		{ "192.167.255.255", POLICY_OUTSIDE },
		{ "223.255.255.255", POLICY_OUTSIDE },
		{ "2606:4700::1111", POLICY_OUTSIDE },
		{ "::ffff:1.1.1.1", POLICY_OUTSIDE },
	};

	(void)state;
	for (size_t i = 0; i < array_len(table); i++)
		if (judge(NULL, table[i].ip) != table[i].verdict)
			fail_msg("%s: %d", table[i].ip, judge(NULL, table[i].ip));
}

static void an_allowed_network_is_outside_and_others_stay_as_they_are(void **state)
{
	(void)state;
	assert_int_equal(judge("192.168.0.0/16,fd12::/16", "192.168.7.7"), POLICY_OUTSIDE);
	assert_int_equal(judge("192.168.0.0/16,fd12::/16", "fd12::7"), POLICY_OUTSIDE);
	assert_int_equal(judge("192.168.0.0/16,fd12::/16", "10.1.1.1"), POLICY_INSIDE);
}

static void what_is_never_outside_cannot_be_allowed(void **state)
{
	static const char all[] = "0.0.0.0/0,::/0";

	(void)state;
	assert_int_equal(judge(all, "127.0.0.1"), POLICY_DOOR);
	assert_int_equal(judge(all, "10.0.2.3"), POLICY_INSIDE);
	assert_int_equal(judge(all, "10.0.2.2"), POLICY_HOST);
	assert_int_equal(judge(all, "169.254.169.254"), POLICY_INSIDE);
	assert_int_equal(judge(all, "fe80::1"), POLICY_INSIDE);
	assert_int_equal(judge(all, "10.9.9.9"), POLICY_OUTSIDE);
}

static void an_address_is_read_as_the_kernel_reads_it(void **state)
{
	union address given = address("fd12::1"), got;

	(void)state;
	given.in6.sin6_scope_id = 7;
	assert_true(policy_read(&given, sizeof given.in6, &got));
	assert_int_equal(got.in6.sin6_scope_id, 7);
	/* longer ones are cut, those that end before the scope have none */
	assert_true(policy_read(&given, sizeof given, &got));
	assert_true(policy_read(&given, offsetof(struct sockaddr_in6, sin6_scope_id), &got));
	assert_int_equal(got.in6.sin6_scope_id, 0);
	assert_false(policy_read(&given, offsetof(struct sockaddr_in6, sin6_scope_id) - 1, &got));
	given = address("1.2.3.4");
	assert_true(policy_read(&given, sizeof given.in4, &got));
	assert_int_equal(got.in4.sin_port, htons(80));
	assert_false(policy_read(&given, sizeof given.in4 - 1, &got));
}

static void other_families_are_no_addresses(void **state)
{
	static const sa_family_t families[] = { AF_UNSPEC, AF_UNIX, AF_NETLINK, AF_PACKET, 0xffff };
	struct sockaddr_storage bytes = { 0 };
	union address got;

	(void)state;
	for (size_t i = 0; i < array_len(families); i++) {
		bytes.ss_family = families[i];
		assert_false(policy_read(&bytes, sizeof bytes, &got));
	}
	for (size_t size = 0; size < sizeof(sa_family_t); size++)
		assert_false(policy_read(&bytes, size, &got));
}

static void a_mapped_address_is_the_one_that_it_holds(void **state)
{
	union address a = address("::ffff:1.2.3.4");
	const union address plain = address("1.2.3.4"), other = address("2001:db8::1");

	(void)state;
	assert_true(policy_unmap(&a));
	assert_memory_equal(&a.in4, &plain.in4, sizeof a.in4);
	assert_false(policy_unmap(&a));
	policy_map(&a);
	assert_true(IN6_IS_ADDR_V4MAPPED(&a.in6.sin6_addr));
	assert_int_equal(a.in6.sin6_port, htons(80));
	a = other;
	assert_false(policy_unmap(&a));
	assert_memory_equal(&a, &other, sizeof a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_address_has_its_verdict),
		cmocka_unit_test(an_allowed_network_is_outside_and_others_stay_as_they_are),
		cmocka_unit_test(what_is_never_outside_cannot_be_allowed),
		cmocka_unit_test(an_address_is_read_as_the_kernel_reads_it),
		cmocka_unit_test(other_families_are_no_addresses),
		cmocka_unit_test(a_mapped_address_is_the_one_that_it_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
