/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reach - which networks a network namespace is on, and to which it has a route
 *
 * Source: rtnetlink(7).
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "kern/netlink.h"

struct reach {
	struct netlink_addr addr;
	int prefix;
	bool address;		     /* this machine has an address there; else there is a route */
	char interface[IF_NAMESIZE]; /* "" when it has gone meanwhile */
};

struct reach_list {
	struct reach *items;
	size_t count;
};

/**
 * reach_list() - the networks that the calling thread's network namespace reaches
 * @out:	added at the end: all addresses with their networks, and the routes of all tables but for
 *		default routes and what the kernel keeps for itself
 * @err:	what the kernel said
 *
 * The loopback interface's addresses are left out.
 *
 * Return: 0 or a negative errno.
 */
must_check int reach_list(struct reach_list *out, struct err *err);

/**
 * reach_clear() - release a list
 * @list:	empty afterwards
 */
void reach_clear(struct reach_list *list);

static inline void auto_reach_list(struct reach_list *list)
{
	reach_clear(list);
}
