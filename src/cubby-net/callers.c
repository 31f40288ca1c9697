/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * callers - clients of the name server that come over TCP
 */
#include "cubby-net/callers.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/message.h"

enum { PREFIX = 2, BATCH = 32 };

static const int64_t patience = 10 * CLOCK_SECOND;

struct caller {
	struct caller *prev, *next;
	int fd; /* -1: dead */
	union address from;
	int64_t deadline;
	bool waits; /* for an answer: then the deadline is not its own */
	uint8_t *in;
	size_t in_size, in_room;
	uint8_t *out;
	size_t out_size, out_done;
};

int callers_init(struct callers *callers, const struct callers_fns *fns, void *data)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0)
		return -errno;
	*callers = (struct callers){ .epoll = epoll, .fns = fns, .data = data };
	return 0;
}

static void hang_up(struct callers *cs, struct caller *c)
{
	if (c->waits)
		cs->fns->gone(cs->data, c);
	DL_DELETE(cs->all, c);
	cs->count--;
	fd_close(c->fd);
	c->fd = -1;
	/* An event of this batch may still speak of it. */
	LL_PREPEND(cs->dead, c);
}

static void bury(struct callers *cs)
{
	while (cs->dead) {
		struct caller *c = cs->dead;
		LL_DELETE(cs->dead, c);
		free(c->in);
		free(c->out);
		free(c);
	}
}

void callers_clear(struct callers *callers)
{
	if (!callers->fns)
		return;
	while (callers->all)
		hang_up(callers, callers->all);
	bury(callers);
	fd_close(callers->epoll);
	*callers = (struct callers){ 0 };
}

const union address *caller_from(const struct caller *caller)
{
	return &caller->from;
}

/* Its next step begins, and with it its ten seconds. */
static void begin_step(struct callers *cs, struct caller *c, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = c };

	c->deadline = clock_mono() + patience;
	DL_DELETE(cs->all, c);
	DL_APPEND(cs->all, c);
	(void)epoll_ctl(cs->epoll, EPOLL_CTL_MOD, c->fd, &e); /* cannot fail for what is there */
}

/* --- coming ----------------------------------------------------------------------------------- */

/* Closes the longest silent caller of that address, or of any. */
static void make_room(struct callers *cs, const union address *from)
{
	struct caller *c, *own = NULL, *oldest = cs->all;
	size_t count = 0;

	DL_FOREACH(cs->all, c)
	{
		if (!address_same_host(&c->from, from))
			continue;
		if (!count++)
			own = c;
	}
	if (count >= CALLERS_EACH)
		hang_up(cs, own);
	else if (cs->count >= CALLERS_MAX)
		hang_up(cs, oldest);
}

static void add(struct callers *cs, int fd, const union address *from)
{
	struct epoll_event e = { .events = EPOLLIN };

	make_room(cs, from);
	struct caller *c = mem_new(struct caller);
	c->fd = fd;
	c->from = *from;
	c->deadline = clock_mono() + patience;
	DL_APPEND(cs->all, c);
	cs->count++;
	e.data.ptr = c;
	if (epoll_ctl(cs->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		hang_up(cs, c);
}

void callers_accept(struct callers *callers, int listener,
		    bool (*known)(void *data, const union address *from), void *data)
{
	for (int i = 0; i < BATCH; i++) {
		union address from = { 0 };
		socklen_t size = sizeof from;
		int fd = accept4(listener, &from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EMFILE || errno == ENFILE) && callers->all)
			hang_up(callers, callers->all);
		if (fd < 0)
			return;
		if (known(data, &from))
			add(callers, fd, &from);
		else
			fd_close(fd);
	}
}

/* --- one step after the other ----------------------------------------------------------------- */

static size_t wanted(const struct caller *c)
{
	return c->in_size < PREFIX ? PREFIX : PREFIX + ((size_t)c->in[0] << 8 | c->in[1]);
}

/* Reads what belongs to this question and no more: 1 when it is whole, 0 when more must come. */
static int read_question(struct caller *c)
{
	for (;;) {
		size_t size = wanted(c);
		bool length = c->in_size >= PREFIX;
		if (size > PREFIX + MESSAGE_QUESTION_MAX ||
		    (length && size < PREFIX + MESSAGE_HEADER))
			return -EMSGSIZE;
		if (length && c->in_size == size)
			return 1;
		if (size > c->in_room) {
			c->in = mem_resize(c->in, size, 1);
			c->in_room = size;
		}
		ssize_t n = recv(c->fd, c->in + c->in_size, size - c->in_size, MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			return -EPIPE;
		c->in_size += (size_t)n;
	}
}

static void listen_to(struct callers *cs, struct caller *c)
{
	int r = read_question(c);

	if (r < 0) {
		hang_up(cs, c);
		return;
	}
	if (r == 0)
		return;
	size_t size = c->in_size - PREFIX;
	c->in_size = 0;
	begin_step(cs, c, 0);
	c->waits = true;
	cs->fns->question(cs->data, c, c->in + PREFIX, size);
}

static void talk_to(struct callers *cs, struct caller *c)
{
	while (c->out_done < c->out_size) {
		ssize_t n = send(c->fd, c->out + c->out_done, c->out_size - c->out_done,
				 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			hang_up(cs, c);
			return;
		}
		c->out_done += (size_t)n;
	}
	free(take_ptr(c->out));
	begin_step(cs, c, EPOLLIN);
}

void caller_answer(struct callers *callers, struct caller *caller, const uint8_t *message,
		   size_t size)
{
	caller->waits = false;
	caller->out = mem_alloc(PREFIX + size, 1);
	caller->out[0] = (uint8_t)(size >> 8);
	caller->out[1] = (uint8_t)size;
	memcpy(caller->out + PREFIX, message, size);
	caller->out_size = PREFIX + size;
	caller->out_done = 0;
	begin_step(callers, caller, EPOLLOUT);
	talk_to(callers, caller);
}

/* --- serving ---------------------------------------------------------------------------------- */

static void dispatch(struct callers *cs, struct caller *c, uint32_t events)
{
	if (c->out)
		talk_to(cs, c);
	else if (!c->waits)
		listen_to(cs, c);
	else if (events & (EPOLLHUP | EPOLLERR))
		hang_up(cs, c);
}

/* The first one that its own time runs out for; those that wait for an answer will get one. */
static struct caller *next_late(const struct callers *cs)
{
	struct caller *c;

	DL_FOREACH(cs->all, c)
	if (!c->waits)
		return c;
	return NULL;
}

int callers_timeout(const struct callers *callers)
{
	const struct caller *c = next_late(callers);

	if (!c)
		return -1;
	int64_t left = (c->deadline - clock_mono()) / (CLOCK_SECOND / 1000) + 1;
	return (int)max_of(left, INT64_C(0));
}

void callers_serve(struct callers *callers)
{
	struct epoll_event events[BATCH];
	struct caller *c;
	int n = callers->count ? epoll_wait(callers->epoll, events, BATCH, 0) : 0;

	for (int i = 0; i < n; i++) {
		c = events[i].data.ptr;
		if (c->fd >= 0)
			dispatch(callers, c, events[i].events);
	}
	int64_t now = callers->count ? clock_mono() : 0;
	while ((c = next_late(callers)) && c->deadline <= now)
		hang_up(callers, c);
	bury(callers);
}
