/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nameserver - answers the questions of a network's members, on UDP and TCP
 *
 * A question's source address says who asks; who is no member is refused. Names of members are answered
 * from names.h and live for no time at all, as members come and go. A name that is somebody's but not of
 * the wanted type is "no such data", so that a client that asks for both families does not take the name
 * for none. What is nobody's goes on to the world (upstream.h), unless it is held back or the network
 * is internal: then the name does not exist.
 *
 * Sockets belong to the network namespace of the thread that makes them. doors_open() is for one that
 * is in the network's; all here is for one that is in the host's, where questions are passed on. That
 * thread waits for nameserver_fd() at most nameserver_timeout() long, then calls nameserver_serve().
 *
 * Each address has a number of questions that may be under way; one more takes the place of its oldest, and
 * when there are too many in all, of the oldest of who has most. Nobody waits for somebody else.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "cubby-net/doors.h"
#include "cubby-net/names.h"
#include "cubby-net/resolver.h"

enum {
	NAMESERVER_EACH = 128, /* questions under way of one address */
	NAMESERVER_MAX = 512,  /* and of all */
};

struct nameserver;

struct nameserver_config {
	bool internal;		    /* nothing is passed on */
	const struct strv *subnets; /* CIDR: their addresses are nobody else's; may be NULL */
};

/**
 * nameserver_new() - get ready
 * @config:	read here only
 * @doors:	belong to the result from now on
 * @names:	who is called what; used by this thread alone; must outlive the result
 * @resolver:	who else is asked (resolver_prefer for a network's own servers), and the host's search
 *		domains; used by this thread alone; must outlive the result
 * @out:	to be released with nameserver_free; set on success only
 * @err:	what failed
 *
 * Before the sandbox is closed.
 *
 * Return: 0 or a negative errno.
 */
must_check int nameserver_new(const struct nameserver_config *config, const struct doors *doors,
			      struct names *names, struct resolver *resolver,
			      struct nameserver **out, struct err *err);

/**
 * nameserver_free() - close all of it
 * @ns:	may be NULL
 */
void nameserver_free(struct nameserver *ns);

/**
 * nameserver_fd() - what to wait for
 * @ns:	the name server
 *
 * Return: a descriptor that can be read when nameserver_serve() has something to do.
 */
int nameserver_fd(const struct nameserver *ns);

/**
 * nameserver_timeout() - how long to wait
 * @ns:	the name server
 *
 * Return: milliseconds after which nameserver_serve() has something to do in any case, or -1.
 */
int nameserver_timeout(const struct nameserver *ns);

/**
 * nameserver_serve() - answer what has arrived
 * @ns:	the name server
 *
 * Does a share of the work and returns; what is left is there at once when one waits again.
 */
void nameserver_serve(struct nameserver *ns);

DEFINE_AUTO_PTR(nameserver, struct nameserver, nameserver_free)
