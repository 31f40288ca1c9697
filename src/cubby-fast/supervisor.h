/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervisor - the answers to a container's socket calls
 *
 * connect(2) and bind(2) of the container's processes wait here. Those of TCP sockets are carried out here, on
 * copies: of the address, and of the descriptor, which stays the same socket whatever the caller's number
 * means a moment later. Either it is done to the container's own socket, which works for its network
 * namespace from here too, or to a socket of the host that is put in its place.
 *
 * Every other call is let go on. The kernel reads the caller's memory and descriptors again then; whatever it
 * finds, it refuses to connect or bind a TCP socket (run/notice.h). So no decision here depends on the
 * caller's standing still.
 *
 * A socket is told by its own network namespace's cookie, not by the caller's namespace: the host's, the
 * container's, or another's, to which nothing is done but what was asked.
 *
 * Only TCP is replaced. A UDP socket can send to any address at any time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fd.h"
#include "cubby-fast/caller.h"
#include "cubby-fast/doors.h"
#include "cubby-fast/mould.h"
#include "cubby-fast/policy.h"
#include "cubby-fast/waiting.h"
#include "cubby-net/egress.h"

/* What the gateway has been found to mean. */
struct gateway {
	union address is;
	int64_t until; /* clock_mono() */
};

struct supervisor {
	struct policy policy;
	struct egress egress;
	struct doors doors;
	struct waiting waiting;
	struct mould plain4, plain6; /* of sockets of the container's that nobody has touched */
	union address outbound4, outbound6; /* what leaves is bound to it; family 0: nothing */
	uint64_t host, container;	    /* cookies of the network namespaces */
	struct gateway gateways[2];	    /* of IPv4, IPv6 */
	struct known known;		    /* see caller.h */
	int proc;			    /* likewise */
};

/* Whose a socket is. */
enum owner { OF_CONTAINER, OF_HOST, OF_OTHER };

/* A call's socket and address. */
struct subject {
	int fd; /* a duplicate of the socket */
	int family;
	enum owner owner;
	bool blocking;
	bool bound; /* it has a port */
	union address address;
};

static inline void auto_subject(struct subject *subject)
{
	fd_close(subject->fd);
}

/* What is done with a call, besides answering it with 0 or a negative errno. */
enum { GO_ON = 1, WAITS = 2 };

/**
 * supervisor_cookie() - which network namespace a socket belongs to
 * @fd:		a socket
 * @out:	set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int supervisor_cookie(int fd, uint64_t *out);

/**
 * supervisor_look() - copy what a call is about
 * @s:		all
 * @caller:	its arguments are those of connect(2)
 * @out:	its descriptor is closed with it (auto_subject); set on success only
 *
 * Return: 0; GO_ON when it is not about a TCP socket and an address of IP.
 */
must_check int supervisor_look(const struct supervisor *s, struct caller *caller,
			       struct subject *out);

/**
 * supervisor_connect() - carry a connect(2) out
 * @s:		all
 * @caller:	waits
 *
 * Return: the result of the call: 0 or a negative errno; GO_ON; or WAITS when the caller is answered later.
 */
must_check int supervisor_connect(struct supervisor *s, struct caller *caller);

/**
 * supervisor_bind() - carry a bind(2) out
 * @s:		all
 * @caller:	waits
 *
 * Return: the result of the call, or GO_ON.
 */
must_check int supervisor_bind(struct supervisor *s, struct caller *caller);

/**
 * supervisor_serve() - receive one call and have it answered
 * @s:		all
 * @listener:	has one
 */
void supervisor_serve(struct supervisor *s, int listener);
