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
#include <sys/syscall.h>
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
