/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sync - making a container's record durable, off the way of everybody
 */
#include "monitor/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"

static void sync_one(int dir, const char *name)
{
	AUTO(fd) int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)fsync(fd); /* a disk that fails shows when it is read */
}

/* Sockets and pipes that a forked child kept would not be seen to close. */
static int close_all_but(int a, int b)
{
	int low = min_of(a, b), high = max_of(a, b);

	if (low > 3 && close_range(3, (unsigned int)low - 1, 0) < 0)
		return -errno;
	if (high > low + 1 && close_range((unsigned int)low + 1, (unsigned int)high - 1, 0) < 0)
		return -errno;
	return fd_close_from(high + 1);
}

void sync_record(int dir, int store)
{
	sync_one(dir, "config.json");
	sync_one(dir, "state.json");
	sync_one(dir, ".");
	sync_one(store, "containers");
	sync_one(store, "names");
}

void sync_aside(int dir, int store)
{
	pid_t pid = fork();

	if (pid > 0)
		return;
	if (pid == 0 && close_all_but(dir, store) < 0)
		_exit(1);
	sync_record(dir, store);
	if (pid == 0)
		_exit(0);
}
