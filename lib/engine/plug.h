/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plug - the network of a container that is being started
 *
 * cubby-net is started first and becomes ready while the root file system is mounted.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "kern/host.h"
#include "net/config.h"
#include "net/net.h"
#include "store/container.h"

struct plug {
	struct net *net;      /* NULL: none of its own */
	struct net_plan plan; /* zeroed then */
	int tap;	      /* the container's, for a further cubby-net; -1 before plug_in() */
	int restarts;
	bool handed; /* cubby-net has the container's network namespace */
};

/**
 * plug_start() - start what serves the container's network
 * @host:	where the helper program is
 * @config:	of the container
 * @ports:	as they were bound before, or empty: those of @config
 * @out:	to be released with plug_free; set on success only
 * @err:	names what is wrong
 *
 * Return: 0 or a negative errno.
 */
must_check int plug_start(const struct host *host, const struct container_config *config,
			  const struct strv *ports, struct plug *out, struct err *err);

/**
 * plug_hand() - give cubby-net a network namespace before the container is in it; does not wait
 * @plug:	started
 * @netns:	the container's to be
 *
 * What goes wrong is told by plug_in().
 */
void plug_hand(struct plug *plug, int netns);

/**
 * plug_in() - connect the container and wait until its network works
 * @plug:	started
 * @netns:	pidfd of PID 1, or its network namespace
 * @state:	gets addresses and ports
 * @err:	names the port that is in use, or what else failed
 *
 * Return: 0; -EADDRINUSE; otherwise a negative errno.
 */
must_check int plug_in(struct plug *plug, int netns, struct container_state *state,
		       struct err *err);

/**
 * plug_again() - replace a cubby-net that has ended
 * @plug:	was plugged in
 * @host:	where the helper program is
 * @config:	of the container
 * @state:	has the ports as they were bound
 * @netns:	as plug_in()
 * @err:	what failed
 *
 * Addresses stay, and so do the container's connections inside; those through published ports do not.
 *
 * Return: 0; -ELOOP when it has ended too often; otherwise a negative errno. There is no network then.
 */
must_check int plug_again(struct plug *plug, const struct host *host,
			  const struct container_config *config,
			  const struct container_state *state, int netns, struct err *err);

/**
 * plug_free() - end it
 * @plug:	empty afterwards
 */
void plug_free(struct plug *plug);

static inline void auto_plug(struct plug *plug)
{
	plug_free(plug);
}
