/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * asroot - the place of the unpacker of a user without sub-ids: root of a namespace with one id
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

/* Return: 0; else why not. Only while the program has one thread. */
static inline int become_root(void)
{
	AUTO(mem) char *uids = str_fmt("0 %u 1\n", getuid());
	AUTO(mem) char *gids = str_fmt("0 %u 1\n", getgid());

	if (unshare(CLONE_NEWUSER) < 0)
		return -errno;
	int r = file_write(AT_FDCWD, "/proc/self/setgroups", 0, "deny", 4);
	if (r == 0)
		r = file_write(AT_FDCWD, "/proc/self/uid_map", 0, uids, strlen(uids));
	if (r == 0)
		r = file_write(AT_FDCWD, "/proc/self/gid_map", 0, gids, strlen(gids));
	return r;
}
