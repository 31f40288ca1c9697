/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls - building the filter: one comparison for each call, then the three answers
 */
#include "kern/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "kern/bpf.h"

enum {
	CHANGES = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND,
	ALLOWED_MAX = 240,
	HEAD = 3, /* whose numbers, and which */
	OPEN = 3,
	TAIL = 3, /* the three answers */
};

/* The lower half of the flags, on machines that store it first. */
static size_t open_to_read(struct sock_filter *code, size_t n, size_t refuse, size_t allow)
{
	code[n] = BPF_IF(BPF_JEQ, SYS_openat, 0, refuse - n - 1), n++;
	code[n] = BPF_LOAD(args[2]), n++;
	code[n] = BPF_IF(BPF_JSET, CHANGES, refuse - n - 1, allow - n - 1), n++;
	return n;
}

static int set_filter(const int *allowed, size_t count, int flags)
{
	struct sock_filter code[HEAD + ALLOWED_MAX + OPEN + TAIL];
	const size_t refuse = HEAD + count + (flags & CALLS_OPEN_TO_READ ? OPEN : 0);
	const size_t allow = refuse + 1, kill = refuse + 2;
	size_t n = 0;

	code[n] = BPF_LOAD(arch), n++;
	code[n] = BPF_IF(BPF_JEQ, BPF_MACHINE, 0, kill - n - 1), n++;
	code[n] = BPF_LOAD(nr), n++;
	for (size_t i = 0; i < count; i++)
		code[n] = BPF_IF(BPF_JEQ, allowed[i], allow - n - 1, 0), n++;
	if (flags & CALLS_OPEN_TO_READ)
		n = open_to_read(code, n, refuse, allow);
	bug_unless(n == refuse);
	code[n++] = BPF_ANSWER(SECCOMP_RET_ERRNO | EPERM);
	code[n++] = BPF_ANSWER(SECCOMP_RET_ALLOW);
	code[n++] = BPF_ANSWER(SECCOMP_RET_KILL_PROCESS);

	const struct sock_fprog program = { .len = (unsigned short)n, .filter = code };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

int calls_allow(const int *allowed, size_t count, int flags, struct err *err)
{
	bug_unless(count <= ALLOWED_MAX);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, -errno, "cannot forbid new privileges");
	if (!BPF_MACHINE || SANITIZED)
		return 0;
	const int r = set_filter(allowed, count, flags);
	return r < 0 ? err_sys(err, r, "cannot set the system call filter") : 0;
}
