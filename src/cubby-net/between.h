/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * between - the thread in a transit namespace (net/transit.h)
 *
 * It is started early, so that the namespace is made while others work; where it cannot be made, a tap does
 * (tap.h). Once an interface leads through the namespace the thread joins connections (outward.h).
 *
 *	between_start()		the thread makes the namespace, or enters one
 *	between_await()		main hears how that went
 *	between_serve()		main makes the dialer, the thread joins what it dials; or
 *	between_drop()		the thread ends
 *	between_ready()		main hears whether it does
 */
#pragma once

#include <semaphore.h>
#include <stdbool.h>

#include "base/err.h"
#include "cubby-net/dialer.h"
#include "cubby-net/gate.h"
#include "net/transit.h"

struct between_args {
	const struct egress *egress;	 /* where connections may go */
	const struct net_config *config; /* source addresses of what leaves */
	struct gate gates[2];		 /* from the container, and to it */
	/* What is left of the thread's rights: CAP_NET_ADMIN. */
	int (*seal)(void *data, struct err *err);
	void *data;
};

struct between {
	bool started;
	struct transit transit; /* after between_await() */
	/* between main and the thread */
	int given, proc;
	sem_t may, go, said;
	bool used;
	struct between_args args;
	int calls[2]; /* a pipe */
	int result;
	struct err failure;
};

/**
 * between_start() - start the thread
 * @between:	zeroed; stays where it is
 * @given:	packet socket of a transit namespace that has its interface already; negative: a new one
 * @proc:	a mounted /proc, open until between_await() is through
 * @err:	what failed
 *
 * Not before the process has left the host's files: a thread keeps those that it has.
 *
 * Return: 0 or a negative errno.
 */
must_check int between_start(struct between *between, int given, int proc, struct err *err);

/**
 * between_allow() - let the thread make or enter its namespace
 * @between:	any
 *
 * There is something to do without it, so who has to have a namespace makes that first: a user may have no more than
 * one left. May be called by a process that shares the memory.
 */
void between_allow(struct between *between);

/**
 * between_await() - wait until the namespace is there
 * @between:	any; allowed
 * @err:	why it cannot be
 *
 * Return: 0; -ENOENT when no thread was started; or another negative errno.
 */
must_check int between_await(struct between *between, struct err *err);

/**
 * between_serve() - begin to read frames, and to join connections
 * @between:	an interface leads through its namespace
 * @args:	copied; what it refers to lives as long as the process, but for the configuration
 * @out:	the dialer, for the stack
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int between_serve(struct between *between, const struct between_args *args,
			     struct dialer **out, struct err *err);

/**
 * between_ready() - wait until connections are joined
 * @between:	between_serve() succeeded, or between_drop()
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int between_ready(struct between *between, struct err *err);

/**
 * between_drop() - do without
 * @between:	any, whether it was started or not
 */
void between_drop(struct between *between);
