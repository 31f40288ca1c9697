/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - what gpgv needs: reading files, writing into what is open, memory
 *
 * The list is that of a program that is being loaded by libc, reads, and ends; which of the calls that do one
 * and the same thing are used is libc's choice. Everything else answers EPERM, and gpgv goes on without
 * it (as without the name service's daemon) or fails.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "base/macros.h"
#include "engine/gpg.h"
#include "kern/bpf.h"

enum { MEMORY_MAX = 512 << 20, SECONDS_MAX = 20 };
enum { CHANGES = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND };

static const int allowed[] = {
	SYS_execve,
	SYS_read,
	SYS_readv,
	SYS_pread64,
	SYS_write,
	SYS_writev,
	SYS_close,
	SYS_lseek,
	SYS_dup,
	SYS_dup3,
	SYS_fcntl,
	SYS_ioctl,
	SYS_fstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_faccessat,
	SYS_readlinkat,
	SYS_getdents64,
	SYS_getcwd,
	SYS_umask,
	SYS_brk,
	SYS_mmap,
	SYS_mprotect,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_mlock,
	SYS_futex,
	SYS_set_robust_list,
	SYS_set_tid_address,
	SYS_prlimit64,
	SYS_getrusage,
	SYS_getrandom,
	SYS_getpid,
	SYS_getppid,
	SYS_gettid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_uname,
	SYS_sysinfo,
	SYS_sched_getaffinity,
	SYS_sched_yield,
	SYS_clock_gettime,
	SYS_clock_getres,
	SYS_gettimeofday,
	SYS_times,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_sigaltstack,
	SYS_tgkill,
	SYS_exit,
	SYS_exit_group,
#ifdef SYS_rseq
	SYS_rseq,
#endif
#ifdef SYS_faccessat2
	SYS_faccessat2,
#endif
#ifdef SYS_arch_prctl
	SYS_arch_prctl,
#endif
#ifdef SYS_access
	SYS_access,
#endif
#ifdef SYS_readlink
	SYS_readlink,
#endif
#ifdef SYS_stat
	SYS_stat,
	SYS_lstat,
#endif
#ifdef SYS_dup2
	SYS_dup2,
#endif
#ifdef SYS_time
	SYS_time,
#endif
#ifdef SYS_riscv_flush_icache
	SYS_riscv_flush_icache,
#endif
};

static int set_limit(int which, rlim_t most)
{
	const struct rlimit limit = { most, most };

	return setrlimit(which, &limit) < 0 ? -errno : 0;
}

static int set_limits(void)
{
	int r = set_limit(RLIMIT_CORE, 0);

	if (r == 0)
		r = set_limit(RLIMIT_NPROC, 0);
	if (r == 0)
		r = set_limit(RLIMIT_CPU, SECONDS_MAX);
	if (r == 0)
		r = set_limit(RLIMIT_FSIZE, GPG_MAX_SIGNED);
	return r == 0 && !SANITIZED ? set_limit(RLIMIT_AS, MEMORY_MAX) : r;
}

static int set_filter(void)
{
	enum { HEAD = 3, OPEN = 3, LISTED = array_len(allowed), TAIL = 3 };
	struct sock_filter code[HEAD + LISTED + OPEN + TAIL];
	size_t n = 0;
	const size_t open = HEAD + LISTED, refuse = open + OPEN, allow = refuse + 1;
	const size_t kill = refuse + 2;

	if (!BPF_MACHINE || SANITIZED)
		return 0;

	code[n] = BPF_LOAD(arch), n++;
	code[n] = BPF_IF(BPF_JEQ, BPF_MACHINE, 0, kill - n - 1), n++;
	code[n] = BPF_LOAD(nr), n++;
	for (size_t i = 0; i < LISTED; i++)
		code[n] = BPF_IF(BPF_JEQ, allowed[i], allow - n - 1, 0), n++;
	/* The lower half of the flags, on machines that store it first. */
	bug_unless(n == open);
	code[n] = BPF_IF(BPF_JEQ, SYS_openat, 0, refuse - n - 1), n++;
	code[n] = BPF_LOAD(args[2]), n++;
	code[n] = BPF_IF(BPF_JSET, CHANGES, refuse - n - 1, allow - n - 1), n++;
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
