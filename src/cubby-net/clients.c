/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clients - which addresses have something under way, and whose turn it is to give way
 */
#include "cubby-net/clients.h"

#include <stdint.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "base/mem.h"

struct key {
	uint32_t family;
	struct in6_addr address;
};

struct client {
	UT_hash_handle hh;
	struct key key;
	struct client_item *items;
	size_t count;
};

static struct key key_of(const union address *a)
{
	struct key key = { .family = a->any.sa_family };

	if (a->any.sa_family == AF_INET)
		memcpy(&key.address, &a->in4.sin_addr, sizeof a->in4.sin_addr);
	else
		key.address = a->in6.sin6_addr;
	return key;
}

static struct client *find(const struct clients *clients, const struct key *key)
{
	struct client *c;

	HASH_FIND(hh, clients->table, key, sizeof *key, c);
	return c;
}

void clients_add(struct clients *clients, const union address *from, struct client_item *item)
{
	const struct key key = key_of(from);
	struct client *c = find(clients, &key);

	if (!c) {
		c = mem_new(struct client);
		c->key = key;
		HASH_ADD(hh, clients->table, key, sizeof c->key, c);
	}
	item->client = c;
	DL_APPEND(c->items, item);
	c->count++;
	clients->count++;
}

void clients_remove(struct clients *clients, struct client_item *item)
{
	struct client *c = item->client;

	DL_DELETE(c->items, item);
	clients->count--;
	if (--c->count)
		return;
	HASH_DEL(clients->table, c);
	free(c);
}

void clients_renew(struct client_item *item)
{
	struct client *c = item->client;

	if (!item->next)
		return;
	DL_DELETE(c->items, item);
	DL_APPEND(c->items, item);
}

struct client_item *clients_oldest(const struct clients *clients, const union address *from)
{
	const struct key key = key_of(from);
	const struct client *c = find(clients, &key);

	return c ? c->items : NULL;
}

struct client_item *clients_surplus(const struct clients *clients, const union address *from,
				    size_t each, size_t all)
{
	const struct key key = key_of(from);
	const struct client *c = find(clients, &key), *most = clients->table;

	if (c && c->count >= each)
		return c->items;
	if (clients->count < all)
		return NULL;
	for (c = clients->table; c; c = c->hh.next)
		if (c->count > most->count)
			most = c;
	return most ? most->items : NULL;
}

struct client_item *clients_any(const struct clients *clients)
{
	return clients->table ? clients->table->items : NULL;
}
