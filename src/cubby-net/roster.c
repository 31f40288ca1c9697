/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * roster - who is on a network: hosts, their names and addresses
 */
#include "cubby-net/roster.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <uthash.h>
#include <utlist.h>

#include "base/mem.h"
#include "cubby-net/message.h"

enum { HAS4 = 1, HAS6 = 2 };

/* One name of one host. Those with the same text hang together, in the order in which they came. */
struct label {
	UT_hash_handle hh; /* of the first of them alone */
	struct roster_host *host;
	struct label *same_prev, *same_next;
	struct label *prev, *next; /* of the host */
	bool weak;
	char text[];
};

struct roster_host {
	struct roster_host *prev, *next;
	struct roster_addresses addresses;
	struct label *labels;
};

struct roster {
	char *network;
	struct label *index;
	struct roster_host *hosts;
	struct roster_host left; /* has the names of who left */
	size_t left_count;
	size_t host_count, label_count;
};

static char *lower(const char *text)
{
	char *copy = str_dup(text);

	for (char *c = copy; *c; c++)
		*c = name_lower(*c);
	return copy;
}

struct roster *roster_new(const char *network)
{
	struct roster *r = mem_new(struct roster);

	r->network = lower(network);
	return r;
}

const char *roster_network(const struct roster *roster)
{
	return roster->network;
}

/* --- names ------------------------------------------------------------------------------------ */

static struct label *find(const struct roster *r, const char *name)
{
	struct label *l;

	HASH_FIND_STR(r->index, name, l);
	return l;
}

/*
 * Of those with the same text that of who left is the first, and a host's names are added at one time, so
 * that its own is the last: however many there are, two places are looked at.
 */
static bool has(const struct roster *r, const struct roster_host *host, const char *name)
{
	const struct label *first = find(r, name);

	return first && (first->host == host || first->same_prev->host == host);
}

static void index_set(struct roster *r, struct label *old, struct label *first)
{
	if (first == old)
		return;
	if (old)
		HASH_DEL(r->index, old);
	if (first)
		HASH_ADD_KEYPTR(hh, r->index, first->text, strlen(first->text), first);
}

static bool label_add(struct roster *r, struct roster_host *host, const char *name, bool weak)
{
	if (!name_valid(name) || has(r, host, name) || r->label_count >= ROSTER_NAMES_MAX)
		return false;
	r->label_count++;
	size_t size = strlen(name) + 1;
	struct label *l = mem_alloc(1, sizeof *l + size);
	struct label *first = find(r, name), *old = first;
	l->host = host;
	l->weak = weak && strchr(name, '.');
	memcpy(l->text, name, size);
	if (host == &r->left)
		DL_PREPEND2(first, l, same_prev, same_next);
	else
		DL_APPEND2(first, l, same_prev, same_next);
	index_set(r, old, first);
	DL_APPEND(host->labels, l);
	return true;
}

static void label_free(struct roster *r, struct label *l)
{
	struct label *first = find(r, l->text), *old = first;

	DL_DELETE2(first, l, same_prev, same_next);
	index_set(r, old, first);
	DL_DELETE(l->host->labels, l);
	r->label_count--;
	free(l);
}

static void remember(struct roster *r, const char *name)
{
	if (!label_add(r, &r->left, name, false))
		return;
	if (++r->left_count > ROSTER_LEFT_MAX) {
		label_free(r, r->left.labels);
		r->left_count--;
	}
}

/* --- hosts ------------------------------------------------------------------------------------ */

static void host_free(struct roster *r, struct roster_host *host)
{
	while (host->labels)
		label_free(r, host->labels);
	if (host == &r->left)
		return;
	DL_DELETE(r->hosts, host);
	r->host_count--;
	free(host);
}

void roster_free(struct roster *roster)
{
	if (!roster)
		return;
	while (roster->hosts)
		host_free(roster, roster->hosts);
	host_free(roster, &roster->left);
	free(roster->network);
	free(roster);
}

static struct roster_host *host_new(struct roster *r, const struct roster_addresses *addresses)
{
	struct roster_host *host;

	if (r->host_count >= ROSTER_HOSTS_MAX)
		return NULL;
	host = mem_new(struct roster_host);
	r->host_count++;
	host->addresses = *addresses;
	DL_APPEND(r->hosts, host);
	return host;
}

struct roster_host *roster_add(struct roster *roster, const struct roster_addresses *addresses,
			       const struct strv *names, size_t weak)
{
	struct roster_host *host = NULL;

	if (roster->label_count + names->count <= ROSTER_NAMES_MAX)
		host = host_new(roster, addresses);
	for (size_t i = 0; host && i < names->count; i++) {
		AUTO(mem) char *name = lower(names->items[i]);
		(void)label_add(roster, host, name, i >= weak);
	}
	return host;
}

void roster_remove(struct roster *roster, struct roster_host *host)
{
	struct label *l;

	DL_FOREACH(host->labels, l)
	if (!l->weak)
		remember(roster, l->text);
	host_free(roster, host);
}

struct roster_host *roster_at(const struct roster *roster, int family, const void *address)
{
	struct roster_host *h;

	DL_FOREACH(roster->hosts, h)
	{
		const struct roster_addresses *a = &h->addresses;
		if (family == AF_INET ? a->has4 && memcmp(&a->in4, address, sizeof a->in4) == 0
				      : a->has6 && memcmp(&a->in6, address, sizeof a->in6) == 0)
			return h;
	}
	return NULL;
}

const char *roster_name(const struct roster_host *host)
{
	return host->labels ? host->labels->text : NULL;
}

bool roster_find(const struct roster *roster, const char *name,
		 void (*found)(void *data, const struct roster_addresses *addresses), void *data)
{
	struct label *first = find(roster, name);

	for (struct label *l = first; l; l = l->same_next)
		if (l->host != &roster->left)
			found(data, &l->host->addresses);
	return first;
}

/* --- as bytes --------------------------------------------------------------------------------- */

struct printed {
	uint8_t *items;
	size_t count, room;
};

static void put(struct printed *out, const void *data, size_t size)
{
	if (out->count + size > out->room) {
		out->room = (out->count + size) * 2;
		out->items = mem_resize(out->items, out->room, 1);
	}
	memcpy(out->items + out->count, data, size);
	out->count += size;
}

static void put_byte(struct printed *out, size_t byte)
{
	uint8_t b = (uint8_t)byte;

	put(out, &b, 1);
}

static void put_name(struct printed *out, const char *name)
{
	put_byte(out, strlen(name));
	put(out, name, strlen(name));
}

static void put_host(struct printed *out, const struct roster_host *host)
{
	const struct roster_addresses *a = &host->addresses;
	struct label *l;
	size_t count;

	put_byte(out, (a->has4 ? HAS4 : 0) | (a->has6 ? HAS6 : 0));
	if (a->has4)
		put(out, &a->in4, sizeof a->in4);
	if (a->has6)
		put(out, &a->in6, sizeof a->in6);
	DL_COUNT(host->labels, l, count);
	put_byte(out, count >> 8);
	put_byte(out, count);
	DL_FOREACH(host->labels, l)
	put_name(out, l->text);
}

uint8_t *roster_print(const struct roster *roster, size_t *out_size)
{
	struct printed out = { 0 };
	struct roster_host *h;

	put_name(&out, name_valid(roster->network) ? roster->network : "");
	DL_FOREACH(roster->hosts, h)
	put_host(&out, h);
	put_host(&out, &roster->left);
	*out_size = out.count;
	return out.items;
}

struct reader {
	const uint8_t *at, *end;
};

static bool take(struct reader *in, void *out, size_t size)
{
	if ((size_t)(in->end - in->at) < size)
		return false;
	memcpy(out, in->at, size);
	in->at += size;
	return true;
}

static bool take_name(struct reader *in, char out[MESSAGE_NAME])
{
	uint8_t length;

	if (!take(in, &length, 1) || length >= MESSAGE_NAME || !take(in, out, length))
		return false;
	out[length] = 0;
	for (char *c = out; *c; c++)
		*c = name_lower(*c);
	return strlen(out) == length;
}

static bool take_addresses(struct reader *in, struct roster_addresses *out)
{
	uint8_t flags;

	if (!take(in, &flags, 1) || flags & ~(HAS4 | HAS6))
		return false;
	out->has4 = flags & HAS4;
	out->has6 = flags & HAS6;
	return (!out->has4 || take(in, &out->in4, sizeof out->in4)) &&
	       (!out->has6 || take(in, &out->in6, sizeof out->in6));
}

static bool take_host(struct reader *in, struct roster *r)
{
	struct roster_addresses a = { 0 };
	char name[MESSAGE_NAME];
	uint8_t count[2];

	if (!take_addresses(in, &a) || !take(in, count, sizeof count))
		return false;
	bool left = !a.has4 && !a.has6;
	struct roster_host *host = left ? &r->left : host_new(r, &a);
	if (!host)
		return false;
	for (size_t i = (size_t)count[0] << 8 | count[1]; i; i--) {
		if (!take_name(in, name) || !name_valid(name))
			return false;
		if (left)
			remember(r, name);
		else
			(void)label_add(r, host, name, false); /* twice is as good as once */
	}
	return true;
}

int roster_parse(const uint8_t *data, size_t size, struct roster **out)
{
	struct reader in = { data, data + size };
	char network[MESSAGE_NAME];

	if (!take_name(&in, network))
		return -EBADMSG;
	AUTO(roster) struct roster *r = roster_new(network);
	while (in.at < in.end)
		if (!take_host(&in, r))
			return -EBADMSG;
	*out = take_ptr(r);
	return 0;
}
