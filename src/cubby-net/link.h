/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * link - two TCP connections joined: a client's and one to its server
 *
 * A short message is read and written. What is longer is spliced through a pipe each way, so it never enters
 * this process. A pipe is lent to a direction only while bytes are under way: an idle link costs two
 * descriptors. Events are
 * edge-triggered; a link that has more to do than its share waits in a queue, so that one busy client
 * starves nobody. The end of one direction is passed on and the other goes on (half-close), a reset is
 * passed on as a reset, and a server that does not listen resets its client.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "cubby-net/follow.h"
#include "cubby-net/gate.h"
#include "cubby-net/inside.h"
#include "cubby-net/listen.h"

/* What an event of the epoll of a thread that joins is about; the data pointer of every registration. */
enum watch_kind { WATCH_LISTENER, WATCH_LINK, WATCH_FLOW, WATCH_DOORS, WATCH_DIALS };

struct watch {
	enum watch_kind kind;
	int side; /* of a link */
};

enum {
	LINK_SHORT = 8192
}; /* bytes; what is left of them fits the smallest pipe that a user may be given */

/* What was done last, after which something may come soon. */
enum link_step { LINK_IN, LINK_OUT, LINK_OTHER, LINK_STEPS };

struct link;
struct pipe;

struct links {
	int epoll;
	const struct inside *inside;
	struct gate gates[2];		 /* from the client, from the server */
	struct link *ready, **ready_end; /* have more to do */
	struct link *held, **held_end;	 /* wait for a gate: the next to have their turn */
	bool busy;			 /* one of those that are ready need not wait */
	struct link *dead;		 /* released after the batch of events */
	struct pipe *idle;
	size_t idle_count;
	size_t count;
	size_t most; /* at once, since memory was given back */
	int step; /* the last one since it was set to -1: a short message went that way, or a link began or ended */
	struct link *asked; /* passed a short message last; NULL: it has ended */
	uint8_t unseen;	    /* so many answers are still passed on without a look */
	uint32_t passed;    /* short messages in all */
	struct follow follow;
	uint8_t message[LINK_SHORT];
};

/**
 * links_init() - no links yet
 * @links:	filled in; stays where it is
 * @epoll:	where links register; stays the caller's
 * @inside:	the container; must outlive @links; NULL where there is links_join() alone
 * @gates:	what clients send, and what servers do
 */
void links_init(struct links *links, int epoll, const struct inside *inside,
		const struct gate gates[2]);

/**
 * links_add() - join a client of the host's to the container
 * @links:	grows
 * @client:	non-blocking; belongs to the link from now on, also on failure
 * @from:	the client's address
 * @port:	the container's
 */
void links_add(struct links *links, int client, const union address *from, int port);

/**
 * links_join() - join two connections
 * @links:	grows
 * @client:	non-blocking and connected; belongs to the link from now on, also on failure
 * @server:	the same
 */
void links_join(struct links *links, int client, int server);

/**
 * link_event() - something happened to a link
 * @links:	its owner
 * @watch:	from the event
 * @events:	of epoll
 */
void link_event(struct links *links, struct watch *watch, uint32_t events);

/**
 * links_look() - after a step LINK_OUT: pass on what the client has said to that already, before there is an event of it
 * @links:	of the calling thread
 *
 * A client on the same processor has had its turn when this one goes on. Its event comes later and is about nothing.
 * After a look that found nothing the next ones are left out.
 *
 * Return: whether something was done; links_work() is next then.
 */
must_check bool links_look(struct links *links);

/**
 * links_follow() - after a step LINK_IN, while the answer is waited for: be where the client is, if on this host
 * @links:	of the calling thread
 * @now:	clock_mono()
 *
 * See follow.h.
 */
void links_follow(struct links *links, int64_t now);

/**
 * links_work() - after a batch of events: serve those that have more to do, release the dead
 * @links:	the links
 *
 * Return: milliseconds after which there is more to do, or -1.
 */
int links_work(struct links *links);
