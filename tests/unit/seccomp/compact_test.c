/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compact - programs that libseccomp writes and what becomes of them give the same answers
 *
 * Both are carried out by a small machine of the test's own, for every number that a rule names, its
 * neighbours, numbers of the x32 kind, unknown architectures, and arguments around what is compared.
 */
#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cubby-seccomp/compact.h"

enum { BYTES_MAX = 1 << 20, CALLS = 480, X32 = 0x40000000, LINES = 900, FOUND_FAULT = -1 };

struct call {
	uint32_t number;
	uint32_t arch;
	uint64_t ip;
	uint64_t args[6];
};

static int64_t carry_out(const struct sock_filter *p, size_t count, const struct call *call)
{
	uint32_t a = 0;

	for (size_t at = 0; at < count; at++) {
		const struct sock_filter *i = &p[at];
		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (const char *)call + i->k, sizeof a);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			assert_int_equal(i->jt, 0);
			at += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			at += a > i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			at += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			return FOUND_FAULT;
		}
	}
	return FOUND_FAULT;
}

static struct sock_filter *compiled(scmp_filter_ctx ctx, size_t *out_count)
{
	AUTO(fd) int fd = memfd_create("filter", MFD_CLOEXEC);
	char *bytes = NULL;
	size_t size = 0;

	assert_int_equal(seccomp_export_bpf(ctx, fd), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(fd_read_all(fd, BYTES_MAX, &bytes, &size), 0);
	*out_count = size / sizeof(struct sock_filter);
	return (struct sock_filter *)bytes;
}

static const uint32_t arches[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, 0, 7 };
static const uint64_t values[] = { 0,	      1, 2, 8, 0x20000, 0x7fffffff, UINT64_C(0x100000000),
				   UINT64_MAX };

static void compare_calls(const struct sock_filter *a, size_t a_count, const struct sock_filter *b,
			  size_t b_count, struct call *call)
{
	for (size_t v = 0; v < array_len(values); v++) {
		for (size_t n = 0; n < array_len(call->args); n++)
			call->args[n] = values[(v + n) % array_len(values)];
		int64_t want = carry_out(a, a_count, call);
		assert_true(want >= 0);
		assert_int_equal(carry_out(b, b_count, call), want);
	}
}

static void compare(scmp_filter_ctx ctx, bool shorter)
{
	static const uint32_t far[] = { X32 - 1, UINT32_MAX, UINT32_MAX - 1, 0x7fffffff,
					0x80000000 };
	AUTO(mem) struct sock_filter *small = NULL;
	size_t count, small_count;
	AUTO(mem) struct sock_filter *big = compiled(ctx, &count);
	struct call call = { 0 };

	assert_int_equal(compact_filter(big, count, &small, &small_count), 0);
	if (shorter)
		assert_true(small_count < count / 2);
	for (size_t a = 0; a < array_len(arches); a++) {
		call.arch = arches[a];
		for (uint32_t n = 0; n < CALLS; n++) {
			call.number = n;
			compare_calls(big, count, small, small_count, &call);
			call.number = X32 + n;
			compare_calls(big, count, small, small_count, &call);
		}
		for (size_t n = 0; n < array_len(far); n++) {
			call.number = far[n];
			compare_calls(big, count, small, small_count, &call);
		}
	}
}

static scmp_filter_ctx fresh(uint32_t action)
{
	scmp_filter_ctx ctx = seccomp_init(action);

	assert_non_null(ctx);
	(void)seccomp_arch_add(ctx, SCMP_ARCH_X86); /* there already on such a machine */
	(void)seccomp_arch_add(ctx, SCMP_ARCH_X32);
	return ctx;
}

static void neighbours_become_one_range(void **state)
{
	scmp_filter_ctx ctx = fresh(SCMP_ACT_ERRNO(38));

	(void)state;
	for (int n = 0; n < 300; n++)
		if (n % 50 != 7)
			(void)seccomp_rule_add(ctx, SCMP_ACT_ALLOW, n, 0);
	compare(ctx, true);
	seccomp_release(ctx);
}

static void arguments_are_asked_for_as_before(void **state)
{
	scmp_filter_ctx ctx = fresh(SCMP_ACT_ERRNO(1));

	(void)state;
	assert_int_equal(seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(personality), 1,
					  SCMP_A0(SCMP_CMP_EQ, 8)),
			 0);
	assert_int_equal(seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(personality), 1,
					  SCMP_A0(SCMP_CMP_EQ, UINT64_C(0x100000000))),
			 0);
	assert_int_equal(seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
					  SCMP_A0(SCMP_CMP_MASKED_EQ, 0x20000, 0)),
			 0);
	assert_int_equal(seccomp_rule_add(ctx, SCMP_ACT_ERRNO(97), SCMP_SYS(socket), 2,
					  SCMP_A0(SCMP_CMP_GT, 2), SCMP_A2(SCMP_CMP_NE, 1)),
			 0);
	assert_int_equal(seccomp_rule_add(ctx, SCMP_ACT_KILL, SCMP_SYS(ptrace), 1,
					  SCMP_A1(SCMP_CMP_LE, 0x7fffffff)),
			 0);
	compare(ctx, false);
	seccomp_release(ctx);
}

static void every_mixture_of_rules_answers_as_before(void **state)
{
	static const uint32_t actions[] = { SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(1), SCMP_ACT_ERRNO(38),
					    SCMP_ACT_KILL, SCMP_ACT_LOG };

	(void)state;
	srandom(7);
	for (int round = 0; round < 12; round++) {
		scmp_filter_ctx ctx = fresh(actions[round % 3]);
		/* Older libraries have only the list. */
		(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, round % 2 ? 2 : 1);
		int rules = round < 9 ? 30 * round : LINES;
		for (int n = 0; n < rules; n++) {
			uint32_t action = actions[(size_t)random() % array_len(actions)];
			struct scmp_arg_cmp arg = {
				.arg = (unsigned int)random() % 6,
				.op = (enum scmp_compare)(SCMP_CMP_NE + random() % 6),
				.datum_a = values[(size_t)random() % array_len(values)],
			};
			/* One that contradicts another is refused, which is as good. */
			(void)seccomp_rule_add_array(ctx, action, (int)(random() % 330),
						     random() % 5 == 0, &arg);
		}
		compare(ctx, false);
		seccomp_release(ctx);
	}
}

static void what_is_not_understood_is_left_alone(void **state)
{
	static const struct sock_filter backwards[] = { { BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 },
							{ BPF_JMP | BPF_JA, 0, 0, 9 },
							{ BPF_RET | BPF_K, 0, 0, 0 } };
	static const struct sock_filter memory[] = { { BPF_LD | BPF_MEM, 0, 0, 0 },
						     { BPF_RET | BPF_K, 0, 0, 0 } };
	static const struct sock_filter masked[] = { { BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 },
						     { BPF_ALU | BPF_AND | BPF_K, 0, 0, 1 },
						     { BPF_RET | BPF_K, 0, 0, 0 } };
	static const struct sock_filter endless[] = { { BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 } };
	struct sock_filter *out = NULL;
	size_t count = 0;

	(void)state;
	assert_int_equal(compact_filter(backwards, 3, &out, &count), -ENOTSUP);
	assert_int_equal(compact_filter(memory, 2, &out, &count), -ENOTSUP);
	assert_int_equal(compact_filter(masked, 3, &out, &count), -ENOTSUP);
	assert_int_equal(compact_filter(endless, 1, &out, &count), -ENOTSUP);
	assert_int_equal(compact_filter(endless, 0, &out, &count), -ENOTSUP);
	assert_null(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_become_one_range),
		cmocka_unit_test(arguments_are_asked_for_as_before),
		cmocka_unit_test(every_mixture_of_rules_answers_as_before),
		cmocka_unit_test(what_is_not_understood_is_left_alone),
	};

	return cmocka_run_group_tests_name("compact", tests, NULL, NULL);
}
