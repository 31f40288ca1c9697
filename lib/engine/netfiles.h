/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netfiles - a container's hosts, hostname and resolv.conf, written at each start
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "store/container.h"
#include "store/store.h"

/* What the files say of the container's own networks. */
struct netfiles_net {
	struct strv addresses; /* its own, of both families */
	char *host;	       /* the host's; NULL: it cannot be reached */
	char *server;	       /* answers questions for names */
	bool names;	       /* and knows those of containers */
};

/**
 * netfiles_net_clear() - release what was said
 * @net:	empty afterwards
 */
void netfiles_net_clear(struct netfiles_net *net);

/**
 * netfiles_write() - write the three files into the container's folder
 * @store:	open store
 * @config:	of the container
 * @dir:	its folder
 * @root:	its mounted root, for --hosts-file image
 * @net:	of networks of its own; NULL without any
 * @err:	names the entry or file that is wrong
 *
 * Under --network host the host's files are shown; with container:ID those of that container.
 *
 * Return: 0 or a negative errno.
 */
must_check int netfiles_write(const struct store *store, const struct container_config *config,
			      int dir, int root, const struct netfiles_net *net, struct err *err);

/* A change of networks while the container runs. */
struct netfiles_change {
	const struct container_config *config;
	int dir;  /* the container's folder */
	int root; /* its mounted root */
	const struct netfiles_net *from;
	const struct netfiles_net *to;
};

/**
 * netfiles_change() - write into hosts and resolv.conf what has changed
 * @change:	of a container that runs
 * @err:	names the file
 *
 * A file that the container changed keeps what it wrote.
 *
 * Return: 0 or a negative errno.
 */
must_check int netfiles_change(const struct netfiles_change *change, struct err *err);

static inline void auto_netfiles_net(struct netfiles_net *net)
{
	netfiles_net_clear(net);
}
