/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop - an event loop over epoll: descriptors, timers, signals
 *
 * A removed source may still stand in the batch of events being served: it is marked dead, and
 * released after the batch. Signals come as a signalfd that the caller adds.
 */
#include "base/loop.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"

enum { BATCH = 16 };

struct source {
	struct loop *loop;
	struct source *next;
	int fd;
	loop_fd_fn on_fd;
	loop_timer_fn on_timer;
	void *data;
	bool timer;
	bool dead;
};

struct loop {
	int epoll;
	struct source *sources;
	size_t live;
	bool stopped;
	int result;
};

int loop_new(struct loop **out)
{
	AUTO(fd) int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0)
		return -errno;
	struct loop *loop = mem_new(struct loop);
	loop->epoll = take_fd(epoll);
	*out = loop;
	return 0;
}

static void source_free(struct source *s)
{
	if (s->timer)
		fd_close(s->fd);
	free(s);
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	while (loop->sources) {
		struct source *s = loop->sources;
		loop->sources = s->next;
		source_free(s);
	}
	fd_close(loop->epoll);
	free(loop);
}

static int attach(struct loop *loop, struct source *s, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = s };

	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, s->fd, &e) < 0)
		return -errno;
	s->loop = loop;
	s->next = loop->sources;
	loop->sources = s;
	loop->live++;
	return 0;
}

int loop_add(struct loop *loop, int fd, uint32_t events, loop_fd_fn fn, void *data,
	     struct source **out)
{
	AUTO(mem) struct source *s = mem_new(struct source);

	s->fd = fd;
	s->on_fd = fn;
	s->data = data;
	int r = attach(loop, s, events);
	if (r < 0)
		return r;
	*out = take_ptr(s);
	return 0;
}

int loop_watch(struct source *source, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = source };

	return epoll_ctl(source->loop->epoll, EPOLL_CTL_MOD, source->fd, &e) < 0 ? -errno : 0;
}

int loop_timer(struct loop *loop, loop_timer_fn fn, void *data, struct source **out)
{
	AUTO(mem) struct source *s = mem_new(struct source);
	AUTO(fd) int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	s->fd = fd;
	s->timer = true;
	s->on_timer = fn;
	s->data = data;
	int r = attach(loop, s, EPOLLIN);
	if (r < 0)
		return r;
	(void)take_fd(fd);
	*out = take_ptr(s);
	return 0;
}

int loop_timer_set(struct source *source, int64_t ns)
{
	struct itimerspec t = { 0 };

	if (ns > 0) {
		t.it_value.tv_sec = ns / CLOCK_SECOND;
		t.it_value.tv_nsec = ns % CLOCK_SECOND;
	}
	return timerfd_settime(source->fd, 0, &t, NULL) < 0 ? -errno : 0;
}

void loop_remove(struct source *source)
{
	if (!source || source->dead)
		return;
	/* A descriptor that was closed before is gone from the set already. */
	(void)epoll_ctl(source->loop->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	source->dead = true;
	source->loop->live--;
}

static void bury(struct loop *loop)
{
	struct source **at = &loop->sources;

	while (*at) {
		struct source *s = *at;
		if (!s->dead) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		source_free(s);
	}
}

static void serve(struct source *s, uint32_t events)
{
	uint64_t ticks;

	if (!s->timer)
		s->on_fd(s->data, events);
	else if (read(s->fd, &ticks, sizeof ticks) == (ssize_t)sizeof ticks)
		s->on_timer(s->data);
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[BATCH];

	loop->stopped = false;
	loop->result = 0;
	while (!loop->stopped && loop->live) {
		int n = epoll_wait(loop->epoll, events, BATCH, -1);
		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n && !loop->stopped; i++) {
			struct source *s = events[i].data.ptr;
			if (!s->dead)
				serve(s, events[i].events);
		}
		bury(loop);
	}
	return loop->result;
}

void loop_stop(struct loop *loop, int result)
{
	loop->stopped = true;
	loop->result = result;
}
