/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - giving up all but memory and the two streams
 *
 * One thread that reads, computes and writes needs so few calls that they can be listed. Everything else
 * answers EPERM: a libc that tries something new goes on without it.
 */
#include "sandbox.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "base/macros.h"
#include "kern/calls.h"

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

int sandbox_enter(struct err *err)
{
	const int r = set_limits();

	if (r < 0)
		return err_sys(err, r, "cannot set limits");
	return calls_allow(allowed, array_len(allowed), 0, err);
}
