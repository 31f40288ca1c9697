/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * flow - clients of published UDP ports
 *
 * Each client of each port has a socket in the container's network namespace, bound to the client's
 * address and connected to the container's port. Unlike TCP the server's answer carries no mark: the
 * rules of netns_tap() look the answers of published ports up in a table of their own, where every
 * live client has a route to loopback. A flow that is silent for a while is forgotten, and where there are many
 * the one that was silent for longest makes room: a client of a name server asks from another port each time, and
 * does not come back. Clients that have come back have a second turn.
 */
#pragma once

#include <stdint.h>

#include "cubby-net/gate.h"
#include "cubby-net/inside.h"
#include "cubby-net/link.h"
#include "cubby-net/listen.h"

enum { FLOW_MAX = 4096 }; /* clients at once; fewer where descriptors are few */

struct flow;

struct flows {
	int epoll;
	int netlink;
	const struct inside *inside;
	size_t most;	      /* clients at once */
	struct gate gates[2]; /* into the container, and out of it */
	struct flow *table;   /* those that are forgotten last come last */
	struct flow *ended;   /* events that are under way may name them */
	uint8_t *buffer;
	int64_t swept; /* clock_mono() */
};

/**
 * flows_init() - no clients yet
 * @flows:	filled in; stays where it is
 * @epoll:	where flows register; stays the caller's
 * @netlink:	of the container's network namespace; stays the caller's
 * @inside:	the container; must outlive @flows
 * @gates:	what passes into the container, and out of it; what comes while one is shut is lost
 */
void flows_init(struct flows *flows, int epoll, int netlink, const struct inside *inside,
		const struct gate gates[2]);

/**
 * flows_receive() - take datagrams from clients
 * @flows:	grows by those that are new
 * @listener:	has something to read
 */
void flows_receive(struct flows *flows, struct listener *listener);

/**
 * flow_event() - the container answered
 * @flows:	its owner
 * @watch:	from the event; may be released
 */
void flow_event(struct flows *flows, struct watch *watch);

/**
 * flows_sweep() - forget those that were silent for long
 * @flows:	looked through every few seconds; no event of theirs is under way
 *
 * Return: milliseconds after which it wants to be called again, or -1 without flows.
 */
int flows_sweep(struct flows *flows);
