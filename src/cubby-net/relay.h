/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * relay - published ports: from the listeners on the host into the container
 *
 * The thread that serves them lives in the container's network namespace. A listener keeps the host's
 * namespace, a new socket gets the container's: so a client accepted here is joined to a connection
 * made there by nothing but two descriptors. TCP is spliced (link.h), UDP has a socket for each client
 * (flow.h).
 *
 * The server sees the client's own address: the connection is bound to it (IP_TRANSPARENT) and carries
 * a mark, and the rules of netns_tap() lead what answers to that mark back to this thread. A client
 * whose address means something else in the container (loopback, the container's own) is shown as
 * the gateway.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "cubby-net/gate.h"
#include "cubby-net/listen.h"
#include "net/config.h"

struct relay;

struct relay_args {
	struct listeners *listeners; /* what to serve; from now on this thread's */
	const struct net_plan *plan; /* addresses */
	bool hide_client;	     /* show every client as the gateway */
	int doors; /* tells which TCP ports the container serves itself from now on (net/exchange.h), or -1 */
	struct gate gates[2]; /* into the container, and out of it */
};

/**
 * relay_new() - get ready, in the container's network namespace
 * @args:	what to do; copied
 * @out:	lives as long as the process; set on success only
 * @err:	what failed
 *
 * Needs CAP_NET_ADMIN over the namespace, now and while it runs.
 *
 * Return: 0 or a negative errno.
 */
must_check int relay_new(const struct relay_args *args, struct relay **out, struct err *err);

/**
 * relay_run() - serve for ever
 * @relay:	on the thread that called relay_new()
 *
 * Return: a negative errno when it cannot go on.
 */
must_check int relay_run(struct relay *relay);
