/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guard - what a member's filter says to frames
 *
 * The filter is run here, as the kernel runs it on what a port received.
 */
#include <arpa/inet.h>
#include <linux/pkt_cls.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/guard.h"

enum { OWN_PORT = 1 << 30 | 7, OTHER_PORT = 1 << 30 | 8, FRAME = 128 };

struct frame {
	uint8_t bytes[FRAME];
};

static uint32_t loaded(const struct frame *frame, const struct sock_filter *f, int port)
{
	const uint8_t *at = frame->bytes + f->k;
	size_t size = BPF_SIZE(f->code) == BPF_W ? 4 : BPF_SIZE(f->code) == BPF_H ? 2 : 1;
	uint32_t value = 0;

	if (f->k == (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX))
		return (uint32_t)port;
	assert_true(f->k + size <= FRAME);
	for (size_t i = 0; i < size; i++)
		value = value << 8 | at[i];
	return value;
}

static int run(const struct sock_filter *ops, size_t count, const struct frame *frame, int port)
{
	uint32_t a = 0;

	for (size_t i = 0; i < count; i++) {
		const struct sock_filter *f = &ops[i];
		if (BPF_CLASS(f->code) == BPF_RET)
			return (int)f->k;
		if (BPF_CLASS(f->code) == BPF_LD)
			a = loaded(frame, f, port);
		else
			i += a == f->k ? f->jt : f->jf;
	}
	fail_msg("the filter has no end");
	return 0;
}

static struct netlink_addr addr(const char *text)
{
	struct netlink_addr a = { 0 };

	assert_int_equal(netlink_addr_parse(text, &a), 0);
	return a;
}

static struct frame arp(const char *sender)
{
	struct frame f = { .bytes[12] = 0x08, .bytes[13] = 0x06 };

	assert_int_equal(inet_pton(AF_INET, sender, f.bytes + 28), 1);
	return f;
}

static struct frame ip6(uint8_t next, uint8_t hops, const char *source, uint8_t type,
			const char *target)
{
	struct frame f = { .bytes[12] = 0x86, .bytes[13] = 0xdd };

	f.bytes[20] = next;
	f.bytes[21] = hops;
	assert_int_equal(inet_pton(AF_INET6, source, f.bytes + 22), 1);
	f.bytes[54] = type;
	assert_int_equal(inet_pton(AF_INET6, target, f.bytes + 62), 1);
	return f;
}

static void claims_pass_from_the_members_own_port_alone(void **state)
{
	const struct netlink_addr four = addr("10.1.2.3"), six = addr("fd00::5"), none = { 0 };
	const struct {
		struct frame frame;
		int own, other; /* what is said at those ports */
	} cases[] = {
		{ arp("10.1.2.3"), TC_ACT_OK, TC_ACT_SHOT },
		{ arp("10.1.2.4"), TC_ACT_UNSPEC, TC_ACT_UNSPEC },
		{ ip6(58, 255, "fe80::1", 136, "fd00::5"), TC_ACT_OK, TC_ACT_SHOT },
		{ ip6(58, 255, "fe80::1", 136, "fd00::6"), TC_ACT_UNSPEC, TC_ACT_UNSPEC },
		{ ip6(58, 255, "fd00::5", 135, "fd00::6"), TC_ACT_OK, TC_ACT_SHOT },
		{ ip6(58, 255, "fd00::6", 135, "fd00::5"), TC_ACT_UNSPEC, TC_ACT_UNSPEC },
		{ ip6(58, 255, "fd00::5", 133, "::"), TC_ACT_OK, TC_ACT_SHOT },
		{ ip6(58, 64, "fd00::5", 128, "::"), TC_ACT_OK, TC_ACT_OK },
		{ ip6(6, 255, "fd00::5", 136, "fd00::5"), TC_ACT_OK, TC_ACT_OK },
		{ ip6(0, 255, "fe80::1", 0, "::"), TC_ACT_SHOT, TC_ACT_SHOT },
		{ ip6(60, 255, "fe80::1", 0, "::"), TC_ACT_SHOT, TC_ACT_SHOT },
		{ ip6(0, 1, "fe80::1", 143, "::"), TC_ACT_OK, TC_ACT_OK },
		{ { .bytes[12] = 0x81 }, TC_ACT_SHOT, TC_ACT_SHOT },
		{ { .bytes[12] = 0x08 }, TC_ACT_OK, TC_ACT_OK },
	};
	struct sock_filter ops[GUARD_MAX];
	size_t count = guard_make(&four, &six, OWN_PORT, ops);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(run(ops, count, &cases[i].frame, OWN_PORT), cases[i].own);
		assert_int_equal(run(ops, count, &cases[i].frame, OTHER_PORT), cases[i].other);
	}
	count = guard_make(&four, &none, OWN_PORT, ops);
	assert_int_equal(run(ops, count, &cases[0].frame, OTHER_PORT), TC_ACT_SHOT);
	assert_int_equal(run(ops, count, &cases[2].frame, OTHER_PORT), TC_ACT_UNSPEC);
	count = guard_make(&none, &six, OWN_PORT, ops);
	assert_int_equal(run(ops, count, &cases[0].frame, OTHER_PORT), TC_ACT_UNSPEC);
	assert_int_equal(run(ops, count, &cases[2].frame, OTHER_PORT), TC_ACT_SHOT);
}

static void a_filter_is_found_again_by_the_address(void **state)
{
	const struct netlink_addr four = addr("10.1.2.3"), six = addr("fd00::5"), none = { 0 };

	(void)state;
	assert_int_equal(guard_handle(&four, &six), guard_handle(&four, &none));
	assert_int_not_equal(guard_handle(&none, &six), 0);
	assert_int_not_equal(guard_handle(&none, &none), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims_pass_from_the_members_own_port_alone),
		cmocka_unit_test(a_filter_is_found_again_by_the_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
