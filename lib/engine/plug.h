/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plug - the networks of a container that is being started
 *
 * The default network is a cubby-net with a stack of its own, which is started first and becomes ready while
 * the root file system is mounted. Networks that the user made are joined already (members.h); their
 * interfaces are put into the container's namespace. Ports that are published there are led in by a cubby-net
 * without a stack.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/members.h"
#include "engine/netfiles.h"
#include "kern/host.h"
#include "net/activated.h"
#include "net/config.h"
#include "net/fast.h"
#include "net/fresh.h"
#include "net/net.h"
#include "net/pasta.h"
#include "net/rate.h"
#include "store/container.h"

struct plug {
	struct members members;
	bool usual;	      /* the default network is one of them: plug_usual() */
	struct strv options;  /* of it, besides the configuration's: k=v */
	struct net *net;      /* NULL: neither that nor ports */
	struct net_plan plan; /* of the default network, or what pasta gave; else zeroed */
	int far;   /* of the container's interface, for a further cubby-net; -1 before plug_in() */
	int spent; /* that of a run which has ended, closed when nobody waits; -1: none */
	struct fast *fast;   /* --network fast; else NULL */
	struct pasta *pasta; /* --network pasta; else NULL */
	struct rate limits;  /* of each interface, and of the published ports */
	const struct activated_list
		*activated;  /* sockets that published ports may use; borrowed, or NULL */
	struct fresh *fresh; /* the namespace of this run, before plug_hand(); borrowed */
	struct handed given; /* to each cubby-net; the sockets are borrowed; no traffic is -1 */
	int restarts;
	const struct member *relay; /* the one that ports are led to, or NULL */
	bool handed;		    /* all have the container's network namespace */
	bool ready;		    /* and work: a further container in it finds them so */
};

/**
 * plug_usual() - whether a container begins on the default network
 * @config:	of the container
 *
 * Return: the answer.
 */
bool plug_usual(const struct container_config *config);

/**
 * plug_start() - start what serves the container's networks
 * @plug:	has usual, members, fresh and sockets that are at hand; ended with plug_end
 * @host:	where the helper program is
 * @config:	of the container
 * @ports:	as they were bound before, or empty: those of @config
 * @err:	names what is wrong
 *
 * Does nothing where they work already (.ready).
 *
 * Return: 0 or a negative errno.
 */
must_check int plug_start(struct plug *plug, const struct host *host,
			  const struct container_config *config, const struct strv *ports,
			  struct err *err);

/**
 * plug_hand() - give the networks a namespace before the container is in it; does not wait for cubby-net
 * @plug:	started
 * @netns:	the container's to be: pidfd of its PID 1, or its network namespace
 * @err:	which interface could not be made
 *
 * Return: 0 or a negative errno. What goes wrong with cubby-net is told by plug_in().
 */
must_check int plug_hand(struct plug *plug, int netns, struct err *err);

/**
 * plug_in() - connect the container and wait until its networks work
 * @plug:	started
 * @config:	of the container
 * @netns:	as plug_hand()
 * @state:	gets addresses and ports
 * @err:	names the port that is in use, or what else failed
 *
 * Return: 0; -EADDRINUSE; otherwise a negative errno.
 */
must_check int plug_in(struct plug *plug, const struct container_config *config, int netns,
		       struct container_state *state, struct err *err);

/**
 * plug_limit() - limit the networks that the user made from now on
 * @plug:	their interfaces are in the container, or will be; the default network is limited by its own means
 * @rate:	as recorded (rate_print()); NULL for no limit
 * @netns:	as plug_hand(), or -1 while the container does not run
 * @err:	which network cannot be limited
 *
 * Return: 0 or a negative errno.
 */
must_check int plug_limit(struct plug *plug, const char *rate, int netns, struct err *err);

/**
 * plug_notice() - where the listeners of the container's socket calls go
 * @plug:	any
 *
 * Return: a descriptor that belongs to @plug, for run/notice.h; -1 where they are not answered.
 */
int plug_notice(const struct plug *plug);

/**
 * plug_helper() - the processes that serve the container's networks
 * @plug:	any
 * @at:		0 and up
 *
 * Return: a pidfd that belongs to @plug; -1 where that place is empty; -ENOENT behind the last.
 */
int plug_helper(const struct plug *plug, int at);

/**
 * plug_again() - replace a cubby-net, a cubby-fast or a pasta that has ended
 * @plug:	was plugged in
 * @pidfd:	of the one that ended
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
must_check int plug_again(struct plug *plug, int pidfd, const struct host *host,
			  const struct container_config *config,
			  const struct container_state *state, int netns, struct err *err);

/**
 * plug_stale() - whether ports are led to a network that they do not belong on any more
 * @plug:	plugged in
 *
 * Return: the answer.
 */
bool plug_stale(const struct plug *plug);

/**
 * plug_renew() - replace cubby-net by one for the networks as they are now
 * @plug:	plugged in; usual or members have changed
 * @host:	where the helper program is
 * @config:	of the container
 * @state:	gets the ports as they are bound
 * @netns:	as plug_in()
 * @err:	what failed; there is none then
 *
 * Return: 0 or a negative errno.
 */
must_check int plug_renew(struct plug *plug, const struct host *host,
			  const struct container_config *config, struct container_state *state,
			  int netns, struct err *err);

/**
 * plug_forget() - a member is about to leave
 * @plug:	plugged in
 * @member:	one of its members
 */
void plug_forget(struct plug *plug, const struct member *member);

/**
 * plug_view() - what the container's files say of its networks
 * @plug:	started
 * @out:	to be released with netfiles_net_clear
 */
void plug_view(const struct plug *plug, struct netfiles_net *out);

/**
 * plug_show() - write into a state what the networks are
 * @plug:	started
 * @state:	its attachments and addresses are replaced
 */
void plug_show(const struct plug *plug, struct container_state *state);

/**
 * plug_end() - end what belonged to one run; memberships stay
 * @plug:	fit for plug_start() afterwards
 */
void plug_end(struct plug *plug);
