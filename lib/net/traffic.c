/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * traffic - what a container's network carries past its interfaces, and how much it may carry
 */
#include "net/traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#define PAGE_NAME "traffic"

enum { PAGE_MODE = 0600, PATH_ROOM = 64 };

static int write_limits(int fd, const struct rate *limits)
{
	const int64_t pair[2] = { limits->down, limits->up };
	ssize_t n = pwrite(fd, pair, sizeof pair, offsetof(struct traffic, down));

	return n == (ssize_t)sizeof pair ? 0 : n < 0 ? -errno : -EIO;
}

int traffic_make(const struct rate *limits)
{
	const int64_t none[2] = { 0 };
	AUTO(fd) int fd = open(PAGE_NAME, O_RDWR | O_CREAT | O_CLOEXEC, PAGE_MODE);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (pwrite(fd, none, sizeof none, offsetof(struct traffic, in)) != (ssize_t)sizeof none)
		return -EIO;
	int r = st.st_size ? 0 : write_limits(fd, limits);
	return r < 0 ? r : take_fd(fd);
}

struct traffic *traffic_map(int fd)
{
	int flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
	void *page = mmap(NULL, sizeof(struct traffic), PROT_READ | PROT_WRITE, flags, fd, 0);

	return page == MAP_FAILED ? NULL : page;
}

static int open_page(pid_t monitor, int flags)
{
	char path[PATH_ROOM];

	(void)snprintf(path, sizeof path, "/proc/%d/cwd/" PAGE_NAME, (int)monitor);
	int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int traffic_read(pid_t monitor, int64_t *out_in, int64_t *out_out)
{
	int64_t pair[2];
	AUTO(fd) int fd = open_page(monitor, O_RDONLY);

	if (fd < 0)
		return fd;
	ssize_t n = pread(fd, pair, sizeof pair, offsetof(struct traffic, in));
	if (n != (ssize_t)sizeof pair)
		return n < 0 ? -errno : -EIO;
	*out_in = pair[0];
	*out_out = pair[1];
	return 0;
}

int traffic_limit(pid_t monitor, const struct rate *limits)
{
	AUTO(fd) int fd = open_page(monitor, O_WRONLY);

	return fd < 0 ? fd : write_limits(fd, limits);
}
