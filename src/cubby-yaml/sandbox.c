/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - giving up all but memory and the two streams
 *
 * One thread that reads, computes and writes needs so few calls that they can be listed. Everything else
 * answers EPERM: a libc that tries something new goes on without it.
 */
#include "sandbox.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "base/macros.h"
#include "kern/bpf.h"

enum { MEMORY_MAX = 512 << 20, SECONDS_MAX = 20 };

static const int allowed[] = {
	SYS_read,	    SYS_write,	   SYS_brk,    SYS_mmap,       SYS_munmap,
	SYS_mremap,	    SYS_madvise,   SYS_futex,  SYS_close,      SYS_lseek,
	SYS_fstat,	    SYS_getrandom, SYS_exit,   SYS_exit_group, SYS_rt_sigreturn,
	SYS_rt_sigprocmask, SYS_gettid,	   SYS_getpid, SYS_tgkill, /* abort(3) */
};

static int set_limits(void)
{
	const struct rlimit none = { 0, 0 }, memory = { MEMORY_MAX, MEMORY_MAX };
	const struct rlimit seconds = { SECONDS_MAX, SECONDS_MAX };

	if (setrlimit(RLIMIT_CORE, &none) < 0 || setrlimit(RLIMIT_NPROC, &none) < 0 ||
	    setrlimit(RLIMIT_CPU, &seconds) < 0)
		return -errno;
	return !SANITIZED && setrlimit(RLIMIT_AS, &memory) < 0 ? -errno : 0;
}

static int set_filter(void)
{
	enum { HEAD = 3, LISTED = array_len(allowed), TAIL = 3 };
	struct sock_filter code[HEAD + LISTED + TAIL];
	size_t n = 0;
	const size_t refuse = HEAD + LISTED, allow = refuse + 1, kill = refuse + 2;

	if (!BPF_MACHINE || SANITIZED)
		return 0;

	code[n] = BPF_LOAD(arch), n++;
	code[n] = BPF_IF(BPF_JEQ, BPF_MACHINE, 0, kill - n - 1), n++;
	code[n] = BPF_LOAD(nr), n++;
	for (size_t i = 0; i < LISTED; i++)
		code[n] = BPF_IF(BPF_JEQ, allowed[i], allow - n - 1, 0), n++;
	code[n++] = BPF_ANSWER(SECCOMP_RET_ERRNO | EPERM);
	code[n++] = BPF_ANSWER(SECCOMP_RET_ALLOW);
	code[n++] = BPF_ANSWER(SECCOMP_RET_KILL_PROCESS);
	const struct sock_fprog program = { .len = (unsigned short)n, .filter = code };
	bug_unless(n == array_len(code));
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

int sandbox_enter(struct err *err)
{
	int r = set_limits();

	if (r < 0)
		return err_sys(err, r, "cannot set limits");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, -errno, "cannot forbid new privileges");
	r = set_filter();
	return r < 0 ? err_sys(err, r, "cannot set the system call filter") : 0;
}
