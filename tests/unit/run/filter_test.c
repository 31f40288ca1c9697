/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filter_test - which filter a spec gets, and what the usual one answers
 *
 * The filters are run here, instruction by instruction, on made-up calls: nothing is loaded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "run/filter.h"

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#endif

enum { ENOSYS_ANSWER = SECCOMP_RET_ERRNO | ENOSYS, EPERM_ANSWER = SECCOMP_RET_ERRNO | EPERM };

static bool jumps(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	case BPF_JSET:
		return a & k;
	default:
		fail_msg("jump %x", code);
		return false;
	}
}

static uint32_t answer(const struct filter *f, const struct seccomp_data *call)
{
	const struct sock_filter *code = f->code;
	uint32_t a = 0, memory[BPF_MEMWORDS] = { 0 };

	for (size_t pc = 0; pc < f->size / sizeof *code; pc++) {
		const struct sock_filter *i = &code[pc];
		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			if (BPF_MODE(i->code) == BPF_MEM)
				a = memory[i->k];
			else
				memcpy(&a, (const char *)call + i->k, sizeof a);
			break;
		case BPF_ST:
			memory[i->k] = a;
			break;
		case BPF_ALU:
			assert_int_equal(BPF_OP(i->code), BPF_AND);
			a &= i->k;
			break;
		case BPF_JMP:
			pc += BPF_OP(i->code) == BPF_JA ? i->k
			      : jumps(i->code, a, i->k) ? i->jt
							: i->jf;
			break;
		case BPF_RET:
			return i->k;
		default:
			fail_msg("instruction %x", i->code);
		}
	}
	fail_msg("ran off the end");
	return 0;
}

static uint32_t ask(const struct filter *f, int nr, uint64_t a0, uint64_t a1, uint64_t a2)
{
	const struct seccomp_data call = { .nr = nr, .arch = NATIVE, .args = { a0, a1, a2 } };

	return answer(f, &call);
}

static struct filter find(const char *const *caps, bool one_id)
{
	struct runtime_spec spec = { .emulate_root = one_id };
	struct filter f;
	const struct host host = { 0 };

	for (size_t i = 0; caps[i]; i++)
		strv_add(&spec.caps.bounding, caps[i]);
	assert_int_equal(filter_find(&host, &spec, &f, NULL), 0);
	strv_clear(&spec.caps.bounding);
	return f;
}

static const char *const usual_caps[] = { "CAP_CHOWN", "CAP_SYS_CHROOT", "CAP_SETUID", NULL };
static const char *const no_caps[] = { NULL };
static const char *const admin_caps[] = { "CAP_SYS_ADMIN", "CAP_SYS_CHROOT", NULL };

static void everyday_calls_are_allowed(void **state)
{
	static const int calls[] = { SYS_read,	   SYS_openat,	   SYS_clone,
				     SYS_execve,   SYS_mmap,	   SYS_setuid,
				     SYS_fchownat, SYS_socketpair, SYS_getrandom };
	struct filter f = find(usual_caps, false);

	(void)state;
	for (size_t i = 0; i < array_len(calls); i++)
		assert_int_equal(ask(&f, calls[i], 0, 0, 0), SECCOMP_RET_ALLOW);
	assert_null(f.owned);
}

static void calls_on_the_whole_machine_are_refused(void **state)
{
	static const int calls[] = { SYS_kexec_load,
				     SYS_init_module,
				     SYS_settimeofday,
				     SYS_swapon,
				     SYS_bpf,
				     SYS_acct,
				     SYS_open_by_handle_at,
				     SYS_userfaultfd,
				     SYS_perf_event_open };
	struct filter f = find(usual_caps, false);

	(void)state;
	for (size_t i = 0; i < array_len(calls); i++)
		assert_int_equal(ask(&f, calls[i], 0, 0, 0), EPERM_ANSWER);
}

static void a_call_that_nobody_knows_is_not_there(void **state)
{
	struct filter f = find(usual_caps, false);

	(void)state;
	assert_int_equal(ask(&f, 5000, 0, 0, 0), ENOSYS_ANSWER);
}

static void another_machines_calls_end_the_process(void **state)
{
	const struct seccomp_data call = { .nr = SYS_read, .arch = AUDIT_ARCH_S390X };
	struct filter f = find(usual_caps, false);

	(void)state;
	assert_int_equal(answer(&f, &call), SECCOMP_RET_KILL_THREAD);
}

static void capabilities_open_what_belongs_to_them(void **state)
{
	struct filter none = find(no_caps, false);
	struct filter usual = find(usual_caps, false);
	struct filter admin = find(admin_caps, false);

	(void)state;
	assert_int_equal(ask(&none, SYS_chroot, 0, 0, 0), EPERM_ANSWER);
	assert_int_equal(ask(&usual, SYS_chroot, 0, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&usual, SYS_sethostname, 0, 0, 0), EPERM_ANSWER);
	assert_int_equal(ask(&admin, SYS_sethostname, 0, 0, 0), SECCOMP_RET_ALLOW);
}

static void the_audit_socket_alone_is_refused(void **state)
{
	enum { NETLINK_AUDIT_NUMBER = 9 };
	struct filter f = find(usual_caps, false);

	(void)state;
	assert_int_equal(ask(&f, SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT_NUMBER),
			 SECCOMP_RET_ERRNO | EINVAL);
	assert_int_equal(ask(&f, SYS_socket, AF_NETLINK, SOCK_RAW, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&f, SYS_socket, AF_INET, SOCK_STREAM, NETLINK_AUDIT_NUMBER),
			 SECCOMP_RET_ALLOW);
}

static void with_one_id_roots_calls_answer_success(void **state)
{
	static const int calls[] = { SYS_fchownat, SYS_setresuid, SYS_setgroups, SYS_setgid };
	struct filter f = find(usual_caps, true);

	(void)state;
	for (size_t i = 0; i < array_len(calls); i++)
		assert_int_equal(ask(&f, calls[i], 1, 2, 3), SECCOMP_RET_ERRNO);
	assert_int_equal(ask(&f, SYS_mknodat, 0, 0, S_IFCHR | 0600), SECCOMP_RET_ERRNO);
	assert_int_equal(ask(&f, SYS_mknodat, 0, 0, S_IFIFO | 0600), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&f, SYS_mknodat, 0, 0, S_IFREG | 0600), SECCOMP_RET_ALLOW);
}

static void unconfined_is_no_filter_but_for_the_answers(void **state)
{
	struct runtime_spec spec = { .seccomp = (char *)"unconfined" };
	const struct host host = { 0 };
	struct filter f;

	(void)state;
	assert_int_equal(filter_find(&host, &spec, &f, NULL), 0);
	assert_null(f.code);
	spec.emulate_root = true;
	assert_int_equal(filter_find(&host, &spec, &f, NULL), 0);
	assert_int_equal(ask(&f, SYS_kexec_load, 0, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&f, SYS_setgroups, 0, 0, 0), SECCOMP_RET_ERRNO);
}

static void a_profile_that_is_not_there_is_named(void **state)
{
	struct runtime_spec spec = { .seccomp = (char *)"/nowhere/profile.json" };
	const struct host host = { 0 };
	AUTO(err) struct err err = { 0 };
	struct filter f;

	(void)state;
	assert_int_equal(filter_find(&host, &spec, &f, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/profile.json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everyday_calls_are_allowed),
		cmocka_unit_test(calls_on_the_whole_machine_are_refused),
		cmocka_unit_test(a_call_that_nobody_knows_is_not_there),
		cmocka_unit_test(another_machines_calls_end_the_process),
		cmocka_unit_test(capabilities_open_what_belongs_to_them),
		cmocka_unit_test(the_audit_socket_alone_is_refused),
		cmocka_unit_test(with_one_id_roots_calls_answer_success),
		cmocka_unit_test(unconfined_is_no_filter_but_for_the_answers),
		cmocka_unit_test(a_profile_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
