/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netlink - requests as they lie in memory
 */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kern/netlink.h"

static const struct rtattr *find(const struct nlmsghdr *h, size_t body, unsigned short type)
{
	const struct rtattr *a = (const void *)((const char *)NLMSG_DATA(h) + NLMSG_ALIGN(body));
	int left = (int)(h->nlmsg_len - NLMSG_SPACE(body));

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == type)
			return a;
	return NULL;
}

static void an_address_has_its_broadcast_and_no_duplicate_detection(void **state)
{
	struct netlink_batch b = { 0 };
	struct netlink_addr addr;

	(void)state;
	assert_int_equal(netlink_addr_parse("10.0.2.100", &addr), 0);
	netlink_address(&b, 7, &addr, 24);
	const struct nlmsghdr *h = (const void *)b.data;
	const struct ifaddrmsg *body = NLMSG_DATA(h);
	assert_int_equal(h->nlmsg_type, RTM_NEWADDR);
	assert_int_equal(h->nlmsg_len, b.used);
	assert_int_equal(body->ifa_index, 7);
	assert_int_equal(body->ifa_prefixlen, 24);
	assert_memory_equal(RTA_DATA(find(h, sizeof *body, IFA_BROADCAST)), "\x0a\x00\x02\xff", 4);
	assert_memory_equal(RTA_DATA(find(h, sizeof *body, IFA_LOCAL)), "\x0a\x00\x02\x64", 4);
	assert_int_equal(netlink_addr_parse("fd00::1", &addr), 0);
	netlink_address(&b, 7, &addr, 64);
	h = NLMSG_NEXT(h, (int){ (int)b.used });
	body = NLMSG_DATA(h);
	assert_int_equal(h->nlmsg_seq, 1);
	assert_int_equal(body->ifa_flags, IFA_F_NODAD);
	assert_null(find(h, sizeof *body, IFA_BROADCAST));
}

static void a_local_route_lies_in_its_table(void **state)
{
	struct netlink_batch b = { 0 };

	(void)state;
	netlink_route_add(&b,
			  &(struct netlink_route){
				  .to.family = AF_INET, .oif = 1, .table = 300, .local = true });
	const struct nlmsghdr *h = (const void *)b.data;
	const struct rtmsg *body = NLMSG_DATA(h);
	assert_int_equal(body->rtm_type, RTN_LOCAL);
	assert_int_equal(body->rtm_scope, RT_SCOPE_HOST);
	assert_null(find(h, sizeof *body, RTA_DST));
	assert_int_equal(*(uint32_t *)RTA_DATA(find(h, sizeof *body, RTA_TABLE)), 300);
}

static void a_name_is_no_address(void **state)
{
	struct netlink_addr addr;

	(void)state;
	assert_true(netlink_addr_parse("localhost", &addr) < 0);
	assert_true(netlink_addr_parse("10.0.2", &addr) < 0);
	assert_true(netlink_addr_parse("", &addr) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_has_its_broadcast_and_no_duplicate_detection),
		cmocka_unit_test(a_local_route_lies_in_its_table),
		cmocka_unit_test(a_name_is_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
