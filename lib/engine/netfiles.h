/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netfiles - a container's hosts, hostname and resolv.conf, written at each start
 */
#pragma once

#include "base/err.h"
#include "net/config.h"
#include "store/container.h"
#include "store/store.h"

/**
 * netfiles_write() - write the three files into the container's folder
 * @store:	open store
 * @config:	of the container
 * @dir:	its folder
 * @root:	its mounted root, for --hosts-file image
 * @plan:	addresses of its own network; NULL without one
 * @err:	names the entry or file that is wrong
 *
 * Under --network host the host's files are shown; with container:ID those of that container.
 *
 * Return: 0 or a negative errno.
 */
must_check int netfiles_write(const struct store *store, const struct container_config *config,
			      int dir, int root, const struct net_plan *plan, struct err *err);
