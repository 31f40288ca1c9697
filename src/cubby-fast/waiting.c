/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * waiting - callers whose connection is being made, and results that did not reach their caller
 */
#include "cubby-fast/waiting.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/address.h"

#define MILLISECOND (CLOCK_SECOND / 1000)

static int64_t deadline_of(int fd)
{
	struct timeval t = { 0 };
	socklen_t size = sizeof t;

	if (getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, &size) < 0 || (!t.tv_sec && !t.tv_usec))
		return 0;
	return clock_mono() + t.tv_sec * CLOCK_SECOND + t.tv_usec * (CLOCK_SECOND / 1000000);
}

int waiting_add(struct waiting *w, const struct caller *caller, int fd)
{
	struct epoll_event e = { .events = EPOLLOUT, .data.fd = fd };

	if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) < 0) {
		int r = -errno;
		fd_close(fd);
		return r;
	}
	*vec_push(&w->list) = (struct waiter){ *caller, fd, deadline_of(fd) };
	return 0;
}

static void drop(struct waiting *w, size_t i)
{
	struct waiter *gone = &w->list.items[i];

	/* Its file may be open elsewhere: closing alone would leave it watched. */
	(void)epoll_ctl(w->epoll, EPOLL_CTL_DEL, gone->fd, NULL);
	fd_close(gone->fd);
	*gone = w->list.items[--w->list.count];
}

static bool is_under_way(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof info;

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
	       (info.tcpi_state == TCP_SYN_SENT || info.tcpi_state == TCP_SYN_RECV);
}

/* The kernel tells how a connection that was begun has ended when it is asked for it once more. */
static int outcome(int fd)
{
	union address any = { .any.sa_family = AF_INET };
	int family = AF_INET;
	socklen_t size = sizeof family;

	(void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
	any.any.sa_family = (sa_family_t)family;
	return address_connect(fd, &any, address_size(&any)) < 0 ? -errno : 0;
}

bool waiting_event(struct waiting *w, int fd)
{
	for (size_t i = 0; i < w->list.count; i++) {
		struct waiter *one = &w->list.items[i];
		if (one->fd != fd)
			continue;
		/* The event was of one that had this number before; to ask now would be to wait. */
		if (is_under_way(fd))
			return true;
		/* A caller that was interrupted asks the socket itself. */
		if (caller_waits(&one->caller))
			waiting_answer(w, &one->caller, outcome(fd));
		drop(w, i);
		return true;
	}
	return false;
}

int waiting_sweep(struct waiting *w)
{
	const int64_t now = clock_mono();
	int64_t next = INT64_MAX;

	for (size_t i = w->list.count; i-- > 0;) {
		struct waiter *one = &w->list.items[i];
		if (!one->deadline)
			continue;
		if (one->deadline > now) {
			next = min_of(next, one->deadline - now);
			continue;
		}
		waiting_answer(w, &one->caller, -EINPROGRESS); /* as the kernel has it */
		drop(w, i);
	}
	return next == INT64_MAX ? -1 : (int)min_of(next / MILLISECOND + 1, INT64_C(1000000));
}

static void fill(struct unheard *u, const struct caller *caller, int result)
{
	u->pid = caller->call.pid;
	u->number = caller->call.data.nr;
	memcpy(u->args, caller->call.data.args, sizeof u->args);
	u->result = result;
}

void waiting_answer(struct waiting *w, const struct caller *caller, int result)
{
	if (caller_answer(caller, result))
		return;
	fill(&w->unheard[w->next], caller, result);
	w->next = (w->next + 1) % UNHEARD_MAX;
}

bool waiting_recall(struct waiting *w, const struct caller *caller, int *out)
{
	struct unheard asked = { 0 };

	for (size_t i = 0; i < UNHEARD_MAX; i++) {
		struct unheard *u = &w->unheard[i];
		fill(&asked, caller, u->result);
		if (u->pid != asked.pid || u->number != asked.number ||
		    memcmp(u->args, asked.args, sizeof u->args) != 0)
			continue;
		*out = u->result;
		*u = (struct unheard){ 0 };
		return true;
	}
	return false;
}
