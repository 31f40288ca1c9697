/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * taken - subnets that a new network must keep off
 *
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "net/subnet.h"

enum taken_owner {
	TAKEN_NETWORK, /* a network that was made */
	TAKEN_DEFAULT, /* the network that is there anyway */
	TAKEN_LINK,    /* this host is on it */
	TAKEN_ROUTE,   /* this host reaches it through another */
};

struct taken {
	struct subnet subnet;
	enum taken_owner owner;
	char *name; /* of the network, or of the host's interface */
};

struct taken_list {
	struct taken *items;
	size_t count;
};

/**
 * taken_add() - add something that is taken
 * @list:	grows
 * @subnet:	of it
 * @owner:	whose
 * @name:	of the network or interface; copied, may be NULL
 */
void taken_add(struct taken_list *list, const struct subnet *subnet, enum taken_owner owner,
	       const char *name);

/**
 * taken_clash() - what overlaps a subnet
 * @list:	what is taken
 * @subnet:	of either family
 * @owner:	what counts
 *
 * Return: the first that does, which belongs to @list, or NULL.
 */
const struct taken *taken_clash(const struct taken_list *list, const struct subnet *subnet,
				enum taken_owner owner);

/**
 * taken_clear() - release a list
 * @list:	empty afterwards
 */
void taken_clear(struct taken_list *list);

static inline void auto_taken_list(struct taken_list *list)
{
	taken_clear(list);
}
