/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * watches - epoll instances of a caller that wait for a socket which is about to be replaced
 *
 * Source: kcmp(2), KCMP_EPOLL_TFD; proc_pid_fdinfo(5).
 */
#include "cubby-fast/watches.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

enum { LOOKED_LEAST = 64, LOOKED_MOST = 256 };

static bool is_watched(const struct caller *caller, int epoll, int fd)
{
	const struct kcmp_epoll_slot slot = { .efd = (uint32_t)epoll, .tfd = (uint32_t)fd };

	return syscall(SYS_kcmp, caller->call.pid, caller->call.pid, KCMP_EPOLL_TFD, fd, &slot) ==
	       0;
}

/* A line of its fdinfo: tfd: 7 events: 1d data: 7f00 ... */
static bool read_watch(const struct caller *caller, int epoll, int fd, struct epoll_event *out)
{
	AUTO(mem) char *text = caller_fdinfo(caller, epoll);
	AUTO(strv) struct strv lines = { 0 };

	if (!text)
		return false;
	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		int target;
		unsigned int events;
		unsigned long long data;
		if (sscanf(lines.items[i], "tfd: %d events: %x data: %llx", &target, &events,
			   &data) != 3 ||
		    target != fd)
			continue;
		*out = (struct epoll_event){ .events = events, .data.u64 = data };
		return true;
	}
	return false;
}

/* The socket must have its number here, too: what of ours has that makes room meanwhile. */
static void add(int epoll, int fd, int own, struct epoll_event *event)
{
	AUTO(fd) int high_epoll = fcntl(epoll, F_DUPFD_CLOEXEC, fd + 1);
	AUTO(fd) int high_own = fcntl(own, F_DUPFD_CLOEXEC, fd + 1);
	AUTO(fd) int ours = fcntl(fd, F_DUPFD_CLOEXEC, fd + 1);

	if (high_epoll < 0 || high_own < 0 || dup3(high_own, fd, O_CLOEXEC) < 0)
		return;
	(void)epoll_ctl(high_epoll, EPOLL_CTL_ADD, fd, event); /* else it hears of nothing */
	if (ours >= 0)
		(void)!dup3(ours, fd, O_CLOEXEC);
	else
		fd_close(fd);
}

void watches_move(const struct caller *caller, int fd, int own)
{
	const int least = max_of(fd, (int)LOOKED_LEAST);
	const int most = min_of(least, (int)LOOKED_MOST);

	for (int i = 0; i < most; i++) {
		struct epoll_event event;
		if (i == fd || !is_watched(caller, i, fd) || !read_watch(caller, i, fd, &event))
			continue;
		AUTO(fd) int epoll = caller_descriptor(caller, i);
		if (epoll >= 0)
			add(epoll, fd, own, &event);
	}
}
