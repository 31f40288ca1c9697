/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sys - system calls that libc has no wrapper for, one inline function each
 *
 * Each returns what the call returns, or the negative errno. The manual page is the contract.
 */
#pragma once

#include <errno.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/macros.h"

must_check static inline int sys_openat2(int dirfd, const char *path, const struct open_how *how)
{
	long r = syscall(SYS_openat2, dirfd, path, how, sizeof *how);

	return r < 0 ? -errno : (int)r;
}

must_check static inline int sys_capget(struct __user_cap_header_struct *head,
					struct __user_cap_data_struct *data)
{
	return syscall(SYS_capget, head, data) < 0 ? -errno : 0;
}

must_check static inline int sys_capset(struct __user_cap_header_struct *head,
					const struct __user_cap_data_struct *data)
{
	return syscall(SYS_capset, head, data) < 0 ? -errno : 0;
}

/* Forks like fork(2), with flags of clone3(2), into a control group unless that is negative. A seccomp policy
 * may hide clone3; the older call is then asked, whose flags are the low 32 bits, whose pidfd goes where the
 * parent's tid would, and which knows no group. */
must_check static inline pid_t sys_fork_into(uint64_t flags, int group, int *pidfd)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD | (group < 0 ? 0 : CLONE_INTO_CGROUP),
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
		.cgroup = group < 0 ? 0 : (uint64_t)group,
	};
	long r = syscall(SYS_clone3, &args, sizeof args);

	if (r < 0 && errno == ENOSYS && group < 0)
		r = syscall(SYS_clone, (unsigned long)(flags | CLONE_PIDFD | SIGCHLD), NULL, pidfd,
			    NULL, 0UL);
	return r < 0 ? (pid_t)-errno : (pid_t)r;
}

must_check static inline pid_t sys_fork_flags(uint64_t flags, int *pidfd)
{
	return sys_fork_into(flags, -1, pidfd);
}

must_check static inline int sys_pivot_root(const char *root, const char *put_old)
{
	return syscall(SYS_pivot_root, root, put_old) < 0 ? -errno : 0;
}

must_check static inline int sys_keyctl(int operation, const char *name)
{
	return syscall(SYS_keyctl, operation, name) < 0 ? -errno : 0;
}

must_check static inline int sys_seccomp(unsigned int operation, unsigned int flags, void *arg)
{
	long r = syscall(SYS_seccomp, operation, flags, arg);

	return r < 0 ? -errno : (int)r;
}

/* libc's setgroups tells every thread; here there is one, between fork and exec. */
must_check static inline int sys_setgroups(size_t count, const void *groups)
{
	return syscall(SYS_setgroups, count, groups) < 0 ? -errno : 0;
}
