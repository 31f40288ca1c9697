/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp - loading a system call filter that was compiled before
 */
#include "kern/seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "kern/sys.h"

static int load(const void *filter, size_t size, unsigned int flags)
{
	size_t count = size / sizeof(struct sock_filter);
	struct sock_fprog prog = { .len = (unsigned short)count,
				   .filter = (struct sock_filter *)filter };

	if (!count || count > BPF_MAXINSNS || size % sizeof(struct sock_filter))
		return -EINVAL;
	return sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, &prog);
}

int seccomp_load(const void *filter, size_t size)
{
	return load(filter, size, 0);
}

int seccomp_listen(const void *filter, size_t size)
{
	return load(filter, size, SECCOMP_FILTER_FLAG_NEW_LISTENER);
}
