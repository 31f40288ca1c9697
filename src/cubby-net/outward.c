/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outward - the container's TCP connections, joined to sockets of the host
 */
#include "cubby-net/outward.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/dialer.h"
#include "cubby-net/link.h"
#include "cubby-net/waiter.h"

enum {
	BACKLOG = 1024,
	BATCH = 64,
	IDLE_MAX = 64,	 /* listeners that wait for a further call */
	PATIENCE_S = 20, /* for the container's answer to who it called */
	PAUSE_MS = 200,
	MS = CLOCK_SECOND / 1000,
};

/* Where the container calls. */
struct gateway {
	struct watch watch;
	int fd;
	struct dial_key key; /* whoever calls: no port and address there */
	size_t calls;	     /* that are not accepted yet */
	UT_hash_handle hh;   /* the longest unused first */
};

struct outward {
	struct watch watch; /* of the pipe */
	struct outward_args args;
	int epoll;
	struct links links;
	struct waiter waiter;
	struct gateway *gateways;
	struct dial *waiting; /* the oldest first */
	bool paused;	      /* out of descriptors: nothing is accepted until a moment passed */
};

int outward_new(const struct outward_args *args, struct outward **out, struct err *err)
{
	struct outward *o = mem_new(struct outward);
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = &o->watch };

	o->args = *args;
	o->watch.kind = WATCH_DIALS;
	o->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (o->epoll < 0 || epoll_ctl(o->epoll, EPOLL_CTL_ADD, args->calls, &e) < 0)
		return err_sys(err, -errno, "cannot serve connections");
	links_init(&o->links, o->epoll, NULL, args->gates);
	o->waiter = (struct waiter){ .epoll = o->epoll, .links = &o->links };
	*out = o;
	return 0;
}

/* --- gateways --------------------------------------------------------------------------------- */

static int watch_gateway(struct outward *o, struct gateway *g, int how, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = &g->watch };

	return epoll_ctl(o->epoll, how, g->fd, &e);
}

static int open_listener(const union address *at)
{
	const int on = 1, family = at->any.sa_family;
	AUTO(fd) int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	int r = family == AF_INET ? setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof on)
				  : setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &on, sizeof on);
	if (r < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
	    bind(fd, &at->any, address_size(at)) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	return take_fd(fd);
}

static void close_gateway(struct outward *o, struct gateway *g)
{
	HASH_DEL(o->gateways, g);
	fd_close(g->fd);
	free(g);
}

/*
 * After a batch of events, none of which is about one that is gone. The longest unused is the first, because
 * each use puts its gateway at the end.
 */
static void close_surplus(struct outward *o)
{
	struct gateway *g, *next;

	if (HASH_COUNT(o->gateways) <= IDLE_MAX)
		return;
	HASH_ITER(hh, o->gateways, g, next) {
		if (HASH_COUNT(o->gateways) <= IDLE_MAX)
			return;
		if (!g->calls)
			close_gateway(o, g);
	}
}

static struct gateway *open_gateway(struct outward *o, const struct dial *dial)
{
	struct dial_key key = dial->key;
	struct gateway *g;

	key.from = in6addr_any;
	key.from_port = 0;
	HASH_FIND(hh, o->gateways, &key, sizeof key, g);
	if (g) {
		HASH_DEL(o->gateways, g);
		HASH_ADD(hh, o->gateways, key, sizeof g->key, g);
		return g;
	}
	int fd = open_listener(&dial->to);
	if (fd < 0)
		return NULL;
	g = mem_new(struct gateway);
	g->watch.kind = WATCH_LISTENER;
	g->fd = fd;
	g->key = key;
	if (watch_gateway(o, g, EPOLL_CTL_ADD, EPOLLIN) < 0) {
		fd_close(fd);
		free(g);
		return NULL;
	}
	HASH_ADD(hh, o->gateways, key, sizeof g->key, g);
	return g;
}

/* --- calls ------------------------------------------------------------------------------------ */

/* From here on it is main's. */
static void done(struct dial *dial)
{
	atomic_store(&dial->state, DIAL_DONE);
}

static void take_call(struct outward *o, struct dial *dial)
{
	struct gateway *g = open_gateway(o, dial);

	if (!g) { /* as if the packet had been lost: the container sends it again */
		fd_close(dial->fd);
		done(dial);
		return;
	}
	g->calls++;
	dial->until = clock_mono() + PATIENCE_S * CLOCK_SECOND;
	HASH_ADD(waiting, o->waiting, key, sizeof dial->key, dial);
	dial_inject(dial, o->args.transit);
}

static void take_calls(struct outward *o)
{
	struct dial *calls[BATCH];
	ssize_t n = read(o->args.calls, calls, sizeof calls);

	for (ssize_t i = 0; i < n / (ssize_t)sizeof *calls; i++)
		take_call(o, calls[i]);
}

static void set_paused(struct outward *o, bool paused)
{
	o->paused = paused;
	for (struct gateway *g = o->gateways; g; g = g->hh.next)
		(void)watch_gateway(o, g, EPOLL_CTL_MOD, paused ? 0 : EPOLLIN);
}

static void join(struct outward *o, struct gateway *g, int fd, const union address *from)
{
	struct dial_key key = g->key, caller;
	struct dial *dial;

	dial_key_make(from, from, &caller);
	key.from = caller.from;
	key.from_port = caller.from_port;
	HASH_FIND(waiting, o->waiting, &key, sizeof key, dial);
	if (!dial) {
		fd_close(fd);
		return;
	}
	HASH_DELETE(waiting, o->waiting, dial);
	g->calls--;
	links_join(&o->links, fd, dial->fd);
	done(dial);
}

static void accept_calls(struct outward *o, struct gateway *g)
{
	for (int i = 0; i < BATCH; i++) {
		union address from = { 0 };
		socklen_t size = sizeof from;
		int fd = accept4(g->fd, &from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			join(o, g, fd, &from);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			set_paused(o, true);
		if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

static struct gateway *gateway_of(const struct outward *o, const struct dial *dial)
{
	struct dial_key key = dial->key;
	struct gateway *g;

	key.from = in6addr_any;
	key.from_port = 0;
	HASH_FIND(hh, o->gateways, &key, sizeof key, g);
	return g;
}

/* The container has given up. Return: milliseconds until the next one may have, or -1. */
static int give_up(struct outward *o)
{
	struct dial *dial;

	while ((dial = o->waiting)) {
		int64_t left = dial->until - clock_mono();
		if (left > 0)
			return (int)(left / MS + 1);
		struct gateway *g = gateway_of(o, dial);
		if (g)
			g->calls--;
		HASH_DELETE(waiting, o->waiting, dial);
		fd_close(dial->fd);
		done(dial);
	}
	return -1;
}

static void dispatch(struct outward *o, struct watch *watch, uint32_t events)
{
	switch (watch->kind) {
	case WATCH_DIALS:
		take_calls(o);
		return;
	case WATCH_LISTENER:
		accept_calls(o, (struct gateway *)watch);
		return;
	case WATCH_LINK:
		link_event(&o->links, watch, events);
		return;
	case WATCH_FLOW:
	case WATCH_DOORS:
		return; /* another thread's (relay.h) */
	}
}

static int sooner(int a, int b)
{
	return a < 0 || b < 0 ? max_of(a, b) : min_of(a, b);
}

int outward_run(struct outward *outward)
{
	struct epoll_event events[WAITER_EVENTS];
	int next = -1; /* milliseconds until links want to go on */

	for (;;) {
		int timeout = sooner(next, outward->waiting ? give_up(outward) : -1);
		if (outward->paused)
			timeout = sooner(timeout, PAUSE_MS);
		int n = waiter_wait(&outward->waiter, events, timeout);
		if (n < 0)
			return n;
		if (outward->paused)
			set_paused(outward, false);
		for (int i = 0; i < n; i++)
			dispatch(outward, events[i].data.ptr, events[i].events);
		close_surplus(outward);
		next = links_work(&outward->links);
	}
}
