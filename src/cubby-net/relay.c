/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * relay - published ports: from the listeners on the host into the container
 */
#include "cubby-net/relay.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/flow.h"
#include "cubby-net/inside.h"
#include "cubby-net/link.h"
#include "cubby-net/waiter.h"
#include "kern/netlink.h"
#include "net/exchange.h"

enum { ACCEPT_BATCH = 64, PAUSE_MS = 200 };

struct door {
	struct watch watch;
	struct listener *listener;
	bool shut; /* the container serves it */
};

struct relay {
	struct watch watch; /* of what tells of doors */
	int epoll;
	int told; /* by cubby-fast, or -1 */
	int netlink;
	struct inside inside;
	struct links links;
	struct waiter waiter;
	struct flows flows;
	struct door *doors;
	size_t door_count;
	bool paused; /* out of descriptors: no door is opened until a link ends or a moment passed */
};

static int watch_door(struct relay *r, struct door *d, int how, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = &d->watch };

	return epoll_ctl(r->epoll, how, d->listener->fd, &e) < 0 ? -errno : 0;
}

static int watch_told(struct relay *r, int told)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = &r->watch };

	r->watch.kind = WATCH_DOORS;
	r->told = told;
	return told >= 0 && epoll_ctl(r->epoll, EPOLL_CTL_ADD, told, &e) < 0 ? -errno : 0;
}

int relay_new(const struct relay_args *args, struct relay **out, struct err *err)
{
	struct listeners *listeners = args->listeners;
	struct relay *r = mem_new(struct relay);

	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (r->epoll < 0 || watch_told(r, args->doors) < 0)
		return err_sys(err, -errno, "cannot serve published ports");
	r->netlink = netlink_open();
	if (r->netlink < 0)
		return err_sys(err, r->netlink, "cannot serve published ports");
	inside_init(&r->inside, args->plan, args->hide_client);
	links_init(&r->links, r->epoll, &r->inside, args->gates);
	r->waiter = (struct waiter){ .epoll = r->epoll, .links = &r->links };
	flows_init(&r->flows, r->epoll, r->netlink, &r->inside, args->gates);
	r->doors = mem_alloc(listeners->count, sizeof *r->doors);
	r->door_count = listeners->count;
	for (size_t i = 0; i < r->door_count; i++) {
		r->doors[i] = (struct door){ { WATCH_LISTENER, 0 }, &listeners->items[i], false };
		int code = watch_door(r, &r->doors[i], EPOLL_CTL_ADD, EPOLLIN);
		if (code < 0)
			return err_sys(err, code, "cannot serve published ports");
	}
	*out = r;
	return 0;
}

static void set_paused(struct relay *r, bool paused)
{
	r->paused = paused;
	for (size_t i = 0; i < r->door_count; i++)
		if (!r->doors[i].listener->udp && !r->doors[i].shut)
			(void)!watch_door(r, &r->doors[i], EPOLL_CTL_MOD, paused ? 0 : EPOLLIN);
}

static void open_door(struct relay *r, struct listener *l)
{
	if (l->udp) {
		flows_receive(&r->flows, l);
		return;
	}
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		union address from = { 0 };
		socklen_t size = sizeof from;
		int fd = accept4(l->fd, &from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			from = address_plain(&from);
			links_add(&r->links, fd, &from, l->container_port);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			set_paused(r, true);
		if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

/*
 * It stays bound, so that nobody else gets the port. One whose port the kernel chose has lost it by that
 * and takes it again.
 */
static void shut_door(struct relay *r, struct door *d)
{
	union address at = { 0 };
	socklen_t size = sizeof at;

	if (d->shut || getsockname(d->listener->fd, &at.any, &size) < 0)
		return;
	d->shut = true;
	(void)!watch_door(r, d, EPOLL_CTL_DEL, 0); /* it is there */
	(void)shutdown(d->listener->fd, SHUT_RD);  /* it listens */
	(void)!bind(d->listener->fd, &at.any, size);
}

static void shut_doors(struct relay *r)
{
	struct net_door told;

	if (recv(r->told, &told, sizeof told, MSG_DONTWAIT) != (ssize_t)sizeof told)
		return;
	for (size_t i = 0; i < r->door_count; i++)
		if (!r->doors[i].listener->udp && r->doors[i].listener->container_port == told.port)
			shut_door(r, &r->doors[i]);
	(void)!send(r->told, &told, sizeof told, MSG_NOSIGNAL | MSG_DONTWAIT); /* or nobody waits */
}

static void dispatch(struct relay *r, struct watch *watch, uint32_t events)
{
	switch (watch->kind) {
	case WATCH_LISTENER:
		open_door(r, ((struct door *)watch)->listener);
		return;
	case WATCH_LINK:
		link_event(&r->links, watch, events);
		return;
	case WATCH_FLOW:
		flow_event(&r->flows, watch);
		return;
	case WATCH_DOORS:
		shut_doors(r);
		return;
	case WATCH_DIALS:
		return; /* another thread's (outward.h) */
	}
}

int relay_run(struct relay *relay)
{
	struct epoll_event events[WAITER_EVENTS];
	int next = -1; /* milliseconds until links want to go on */

	for (;;) {
		int timeout = flows_sweep(&relay->flows);
		if (relay->paused)
			timeout = PAUSE_MS;
		if (next >= 0 && (timeout < 0 || next < timeout))
			timeout = next;
		int n = waiter_wait(&relay->waiter, events, timeout);
		if (n < 0)
			return n;
		if (relay->paused)
			set_paused(relay, false);
		for (int i = 0; i < n; i++)
			dispatch(relay, events[i].data.ptr, events[i].events);
		next = links_work(&relay->links);
	}
}
