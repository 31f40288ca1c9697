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
#include <sys/resource.h>
#include <sys/syscall.h>

#include "base/macros.h"
#include "engine/gpg.h"
#include "kern/calls.h"

enum { MEMORY_MAX = 512 << 20, SECONDS_MAX = 20 };

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

int sandbox_enter(struct err *err)
{
	const int r = set_limits();

	if (r < 0)
		return err_sys(err, r, "cannot set limits");
	return calls_allow(allowed, array_len(allowed), CALLS_OPEN_TO_READ, err);
}
