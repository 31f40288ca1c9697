/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netlink - requests as they lie in memory
 */
#include <arpa/inet.h>
#include <linux/if_bridge.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
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

static const struct rtattr *within(const struct rtattr *nest, size_t body, unsigned short type)
{
	const struct rtattr *a = (const void *)((const char *)RTA_DATA(nest) + NLMSG_ALIGN(body));
	int left = (int)(RTA_PAYLOAD(nest) - NLMSG_ALIGN(body));

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == type)
			return a;
	return NULL;
}

static void the_near_end_of_a_pair_is_born_in_its_namespace(void **state)
{
	const uint8_t mac[] = { 2, 0, 10, 89, 0, 2 };
	struct netlink_batch b = { 0 };

	(void)state;
	netlink_veth(&b, &(struct netlink_veth){ .far = "m%d",
						 .index = 77,
						 .master = 4,
						 .near = "eth0",
						 .netns = 9,
						 .mac = mac,
						 .mtu = 16384 });
	const struct nlmsghdr *h = (const void *)b.data;
	const struct ifinfomsg *body = NLMSG_DATA(h);
	assert_int_equal(h->nlmsg_len, b.used);
	assert_int_equal(body->ifi_index, 77);
	assert_int_equal(body->ifi_flags, IFF_UP);
	assert_int_equal(*(int *)RTA_DATA(find(h, sizeof *body, IFLA_MASTER)), 4);
	const struct rtattr *info = find(h, sizeof *body, IFLA_LINKINFO);
	assert_string_equal(RTA_DATA(within(info, 0, IFLA_INFO_KIND)), "veth");
	const struct rtattr *peer = within(within(info, 0, IFLA_INFO_DATA), 0, VETH_INFO_PEER);
	assert_string_equal(RTA_DATA(within(peer, sizeof *body, IFLA_IFNAME)), "eth0");
	assert_int_equal(*(int *)RTA_DATA(within(peer, sizeof *body, IFLA_NET_NS_FD)), 9);
	assert_memory_equal(RTA_DATA(within(peer, sizeof *body, IFLA_ADDRESS)), mac, sizeof mac);
}

static void a_bridge_does_not_choose_who_hears_multicast(void **state)
{
	const uint8_t mac[] = { 2, 0, 0, 0, 0, 1 };
	struct netlink_batch b = { 0 };

	(void)state;
	netlink_bridge(&b, "br0", 1500, mac);
	const struct nlmsghdr *h = (const void *)b.data;
	const struct rtattr *info = find(h, sizeof(struct ifinfomsg), IFLA_LINKINFO);
	const struct rtattr *data = within(info, 0, IFLA_INFO_DATA);
	assert_int_equal(h->nlmsg_len, b.used);
	assert_int_equal(*(uint8_t *)RTA_DATA(within(data, 0, IFLA_BR_MCAST_SNOOPING)), 0);
}

static void a_quiet_port_is_two_requests(void **state)
{
	struct netlink_batch b = { 0 };

	(void)state;
	netlink_port(&b, 5, 4);
	const struct nlmsghdr *h = (const void *)b.data;
	assert_int_equal(b.count, 2);
	h = NLMSG_NEXT(h, (int){ (int)b.used });
	const struct ifinfomsg *body = NLMSG_DATA(h);
	assert_int_equal(body->ifi_family, AF_BRIDGE);
	const struct rtattr *port = find(h, sizeof *body, IFLA_PROTINFO | NLA_F_NESTED);
	assert_int_equal(*(uint8_t *)RTA_DATA(within(port, 0, IFLA_BRPORT_UNICAST_FLOOD)), 0);
}

static void a_limit_of_more_than_32_bits_is_told_twice(void **state)
{
	const uint64_t rates[] = { 125000, UINT64_C(12500000000) };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct netlink_batch b = { 0 };
		netlink_limit(&b, 7, rates[i], 65536);
		const struct nlmsghdr *h = (const void *)b.data;
		const struct tcmsg *body = NLMSG_DATA(h);
		assert_int_equal(h->nlmsg_len, b.used);
		assert_int_equal(body->tcm_ifindex, 7);
		assert_string_equal(RTA_DATA(find(h, sizeof *body, TCA_KIND)), "tbf");
		const struct rtattr *options = find(h, sizeof *body, TCA_OPTIONS);
		const struct tc_tbf_qopt *limit = RTA_DATA(within(options, 0, TCA_TBF_PARMS));
		assert_true(limit->rate.rate == (i ? UINT32_MAX : 125000));
		assert_true(limit->limit > 65536);
		const struct rtattr *more = within(options, 0, TCA_TBF_RATE64);
		assert_int_equal(more != NULL, i);
		if (more)
			assert_memory_equal(RTA_DATA(more), &rates[i], sizeof rates[i]);
	}
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
		cmocka_unit_test(the_near_end_of_a_pair_is_born_in_its_namespace),
		cmocka_unit_test(a_bridge_does_not_choose_who_hears_multicast),
		cmocka_unit_test(a_quiet_port_is_two_requests),
		cmocka_unit_test(a_limit_of_more_than_32_bits_is_told_twice),
		cmocka_unit_test(a_name_is_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
