/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * holders - finding, starting and joining the process that holds a network
 *
 * There is one for each network and host, alive only while the network has members. It belongs to the outer
 * user namespace and to no container: it is started by a command line, and by a monitor only when it was
 * killed. Looking for one is free; who would start one takes LOCK_HOLDER and looks again.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"
#include "net/bridge.h"
#include "store/network.h"

enum { HOLDING_FDS = 4 };

/* What a member has of a network; descriptors are its owner's. */
struct holding {
	int sock;   /* the membership: it ends when every copy is closed */
	int netns;  /* the network's namespace */
	int names;  /* its table of names, for other networks' holders */
	int keeper; /* of its sockets for names, for the next holder; or -1 */
	struct bridge_lease lease;
};

/**
 * holder_join() - become a member of a network
 * @engine:	the engine
 * @network:	as recorded
 * @wish:	who joins, and the addresses that it would have
 * @before:	membership of a holder that has gone: the network's namespace lives on in it, and what is asked for
 *		waits; NULL: a new one is made
 * @inside:	called by a monitor, which is in the outer user namespace
 * @out:	to be released with holding_clear; set on success only
 * @err:	says who has the wished address, or why the network cannot be held
 *
 * Return: 0; -EADDRINUSE; -EINVAL for an address that is not the network's; otherwise a negative errno.
 */
must_check int holder_join(struct engine *engine, const struct network_record *network,
			   const struct bridge_wish *wish, const struct holding *before,
			   bool inside, struct holding *out, struct err *err);

/**
 * holder_is_there() - whether a network is held on this host
 * @engine:	the engine
 * @network:	as recorded
 *
 * Return: whether there is a holder now; it may leave at any moment.
 */
bool holder_is_there(struct engine *engine, const struct network_record *network);

/**
 * holder_serve() - tell whoever holds a network which servers it asks from now on
 * @engine:	the engine
 * @network:	as recorded
 *
 * Return: 0; -ESRCH when nobody holds it; -EPIPE when the holder is of a version that cannot; otherwise a
 * negative errno.
 */
must_check int holder_serve(struct engine *engine, const struct network_record *network);

/**
 * holding_clear() - end a membership
 * @holding:	empty afterwards, its descriptors are -1
 */
void holding_clear(struct holding *holding);

#define HOLDING_NONE                                                                               \
	{                                                                                          \
		.sock = -1, .netns = -1, .names = -1, .keeper = -1                                 \
	}

static inline void auto_holding(struct holding *holding)
{
	holding_clear(holding);
}
