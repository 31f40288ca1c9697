/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * connect - putting containers on networks and taking them off, running or not
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"
#include "engine/netargs.h"

struct connect_args {
	const char *network;	    /* as typed */
	const char *container;	    /* as typed */
	struct netargs_one one;	    /* addresses and aliases, as typed */
	const struct strv *options; /* driver options, as typed; may be NULL */
	int priority;
};

/**
 * network_connect() - put a container on a network
 * @engine:	the engine
 * @args:	which
 * @err:	what is not there, or why it cannot be connected
 *
 * One that runs has the interface when this returns, and its hosts file the addresses.
 *
 * Return: 0; -ENOENT; -EEXIST when it is on it; -EINVAL when it has no networks of its own; -EADDRINUSE;
 * otherwise a negative errno.
 */
must_check int network_connect(struct engine *engine, const struct connect_args *args,
			       struct err *err);

/**
 * network_disconnect() - take a container off a network
 * @engine:	the engine
 * @network:	as typed
 * @container:	as typed
 * @force:	also where its monitor does not answer: the record is changed
 * @err:	what is not there, or why it cannot be done
 *
 * Return: 0; -ENOENT; -EINVAL when it has no networks of its own; otherwise a negative errno.
 */
must_check int network_disconnect(struct engine *engine, const char *network, const char *container,
				  bool force, struct err *err);

/**
 * network_unlink() - take a name away that a container alone has for another
 * @engine:	the engine
 * @link:	CONTAINER/ALIAS, or /CONTAINER/ALIAS, as typed
 * @err:	what is not there, or why it cannot be done
 *
 * On every network that the container is on. The networks of one that runs know its links until it ends.
 *
 * Return: 0; -ENOENT; -EINVAL for what names no link; -EBUSY when it runs; otherwise a negative errno.
 */
must_check int network_unlink(struct engine *engine, const char *link, struct err *err);
