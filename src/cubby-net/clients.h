/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clients - which addresses have something under way, and whose turn it is to give way
 *
 * What is under way begins with a struct client_item and belongs to its owner.
 */
#pragma once

#include <stddef.h>

#include "cubby-net/address.h"

struct client;

struct client_item {
	struct client_item *prev, *next; /* of the same address, the oldest first */
	struct client *client;
};

struct clients {
	struct client *table;
	size_t count; /* items of all */
};

/**
 * clients_add() - something of an address is under way
 * @clients:	grows
 * @from:	the address; its port is not looked at
 * @item:	linked in until clients_remove()
 */
void clients_add(struct clients *clients, const union address *from, struct client_item *item);

/**
 * clients_remove() - it has come to its end
 * @clients:	shrinks
 * @item:	not released
 */
void clients_remove(struct clients *clients, struct client_item *item);

/**
 * clients_renew() - something has been used, so it is the newest of its address
 * @item:	added
 */
void clients_renew(struct client_item *item);

/**
 * clients_oldest() - the oldest item of an address
 * @clients:	looked through
 * @from:	the address
 *
 * Return: the item, the others by its next; NULL when there is none.
 */
struct client_item *clients_oldest(const struct clients *clients, const union address *from);

/**
 * clients_surplus() - what has to give way before one more may be added
 * @clients:	looked through
 * @from:	whose the new one is
 * @each:	most that an address may have
 * @all:	most that all may have
 *
 * Return: the oldest item of @from when it has @each, that of the address with most when there are @all,
 * else NULL.
 */
struct client_item *clients_surplus(const struct clients *clients, const union address *from,
				    size_t each, size_t all);

/**
 * clients_any() - some item
 * @clients:	looked through
 *
 * Return: an item, or NULL when there is none.
 */
struct client_item *clients_any(const struct clients *clients);
