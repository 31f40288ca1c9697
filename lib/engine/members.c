/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * members - a container's memberships of networks that the user made
 */
#include "engine/members.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/json.h"
#include "store/record.h"

static const struct jfield member_fields[] = {
	J_STRUCT("endpoint", struct member, endpoint, endpoint_fields),
	J_TEXT("id", struct member, id),
	J_BOOL("internal", struct member, internal),
	J_BOOL("no_dns", struct member, no_dns),
	J_STRUCT("lease", struct member, holding.lease, bridge_lease_fields),
	J_END,
};

static struct member *member_new(void)
{
	struct member *member = mem_new(struct member);

	member->holding = (struct holding)HOLDING_NONE;
	return member;
}

static void member_free(struct member *member)
{
	if (!member)
		return;
	holding_clear(&member->holding);
	jfield_clear(member_fields, member);
	free(member);
}

DEFINE_AUTO_PTR(member, struct member, member_free)

static void push(struct members *members, struct member *member)
{
	*vec_push(members) = member;
}

/* ---- what is chosen ---- */

static bool has_interface(const struct members *members, const char *name)
{
	for (size_t i = 0; name && i < members->count; i++)
		if (str_eq(members->items[i]->endpoint.interface, name))
			return true;
	return false;
}

/* Those that were asked for by name are taken before any is counted. */
static char *free_interface(const struct members_who *who, const struct members *members)
{
	for (int i = 0;; i++) {
		AUTO(mem) char *name = str_fmt("eth%d", i);
		bool taken = has_interface(members, name);
		for (size_t k = 0; k < who->config->endpoints.count; k++)
			taken |= str_eq(who->config->endpoints.items[k].interface, name);
		if (!taken)
			return take_ptr(name);
	}
}

/* Of the last one. */
static void name_interface(const struct members_who *who, const struct members *members)
{
	struct endpoint *e = &members->items[members->count - 1]->endpoint;

	if (!e->interface)
		e->interface = free_interface(who, members);
}

static void copy_endpoint(const struct endpoint *from, struct endpoint *to)
{
	*to = (struct endpoint){
		.network = str_dup(from->network),
		.ip = str_dup(from->ip),
		.ip6 = str_dup(from->ip6),
		.mac = str_dup(from->mac),
		.interface = str_dup(from->interface),
		.priority = from->priority,
	};
	strv_extend(&to->aliases, &from->aliases);
	strv_extend(&to->links, &from->links);
}

/* ---- joining ---- */

/* A host name of the user's choice is a name on the network as well. */
static void all_aliases(const struct members_who *who, const struct endpoint *e, struct strv *out)
{
	const char *host = who->config->hostname;

	strv_extend(out, &e->aliases);
	if (str_empty(host) || str_eq(host, who->name) || strv_find(out, host) >= 0 ||
	    str_starts(who->config->id, host))
		return;
	strv_add(out, host);
}

/* "none" is for the container's file alone. */
static void all_servers(const struct members_who *who, struct strv *out)
{
	for (size_t i = 0; i < who->config->dns.count; i++)
		if (!str_eq(who->config->dns.items[i], "none"))
			strv_add(out, who->config->dns.items[i]);
}

/* Any of its networks may be asked, so each knows all of them. */
static void all_links(const struct members_who *who, const struct endpoint *e, struct strv *out)
{
	const struct endpoints *list = &who->config->endpoints;

	strv_extend(out, &e->links);
	if (who->links)
		strv_extend(out, who->links);
	for (size_t i = 0; !who->links && i < list->count; i++)
		strv_extend(out, &list->items[i].links);
}

static void describe(const struct members_who *who, const struct endpoint *e,
		     struct bridge_wish *out)
{
	out->container = str_dup(who->config->id);
	out->name = str_dup(who->name);
	out->outside = who->outside;
	all_aliases(who, e, &out->aliases);
	all_links(who, e, &out->links);
	all_servers(who, &out->dns);
	for (size_t i = 0; i < who->config->dns_search.count; i++)
		if (!str_eq(who->config->dns_search.items[i], "."))
			strv_add(&out->search, who->config->dns_search.items[i]);
}

/* What was asked for, or else what it had last. */
static void wish_addresses(const struct endpoint *e, const struct attachment *last,
			   struct bridge_wish *out)
{
	out->firm = e->ip || e->ip6 || e->mac;
	bool again = !out->firm && last;
	out->ip = str_dup(again ? last->ip : e->ip);
	out->ip6 = str_dup(again ? last->ip6 : e->ip6);
	out->mac = str_dup(again ? last->mac : e->mac);
}

/* What the network's record says of routes is not the holder's to give. */
static void take_paths(const struct network_record *network, struct bridge_lease *lease)
{
	for (size_t i = 0; i < network->routes.count; i++) {
		const struct network_route *r = &network->routes.items[i];
		*vec_push(&lease->paths) = (struct bridge_path){
			.to = str_dup(r->to),
			.via = str_dup(r->via),
			.metric = r->metric,
		};
	}
}

/* @before: its membership under a holder that has gone, or NULL */
static int join(const struct members_who *who, const struct endpoint *endpoint,
		const struct attachment *last, const struct holding *before, struct member *member,
		struct err *err)
{
	AUTO(network_record) struct network_record *network = NULL;
	AUTO(bridge_wish) struct bridge_wish wish = { 0 };

	int r = network_record_load(who->engine->store, endpoint->network, &network, err);
	if (r < 0)
		return err_wrap(err, "cannot connect container '%s'", who->name);
	describe(who, endpoint, &wish);
	wish_addresses(endpoint, last, &wish);
	r = holder_join(who->engine, network, &wish, before, who->inside, &member->holding, err);
	if (r < 0)
		return r;
	take_paths(network, &member->holding.lease);
	str_set(&member->id, network->id);
	member->internal = network->internal;
	member->no_dns = network->no_dns;
	return 0;
}

static int add(const struct members_who *who, const struct endpoint *endpoint,
	       const struct attachment *last, struct members *members, struct err *err)
{
	AUTO(member) struct member *member = member_new();
	int r = join(who, endpoint, last, NULL, member, err);

	if (r < 0)
		return r;
	copy_endpoint(endpoint, &member->endpoint);
	push(members, take_ptr(member));
	return 0;
}

int members_join(const struct members_who *who, const struct attachments *last, struct members *out,
		 struct err *err)
{
	AUTO(members) struct members members = { 0 };
	const struct endpoints *list = &who->config->endpoints;

	for (size_t i = 0; i < list->count; i++) {
		const struct endpoint *e = &list->items[i];
		if (str_eq(e->network, ENDPOINT_DEFAULT))
			continue;
		int r = add(who, e, attachments_find(last, e->network), &members, err);
		if (r < 0)
			return r;
		name_interface(who, &members);
	}
	if (members.count > 1)
		members_see(&members);
	*out = members;
	members = (struct members){ 0 };
	return 0;
}

int members_add(const struct members_who *who, const struct endpoint *endpoint,
		struct members *members, struct err *err)
{
	return add(who, endpoint, NULL, members, err);
}

void members_links(const struct members *members, struct strv *out)
{
	for (size_t i = 0; i < members->count; i++)
		strv_extend(out, &members->items[i]->endpoint.links);
}

void members_see(const struct members *members)
{
	AUTO(mem) int *others = mem_alloc(members->count, sizeof *others);

	for (size_t i = 0; i < members->count; i++) {
		size_t n = 0;
		for (size_t k = 0; k < members->count; k++)
			if (k != i && members->items[k]->holding.names >= 0)
				others[n++] = members->items[k]->holding.names;
		(void)!bridge_sees(members->items[i]->holding.sock, others, n);
	}
}

int member_heal(const struct members_who *who, struct member *member, struct err *err)
{
	AUTO(holding) struct holding old = member->holding;
	AUTO(endpoint) struct endpoint same = { 0 };
	const struct bridge_lease *lease = &old.lease;

	copy_endpoint(&member->endpoint, &same);
	str_set(&same.ip, lease->ip);
	str_set(&same.ip6, lease->ip6);
	str_set(&same.mac, lease->mac);
	member->holding = (struct holding)HOLDING_NONE;
	int r = join(who, &same, NULL, &old, member, err);
	if (r == 0)
		return 0;
	member->holding = old;
	old = (struct holding)HOLDING_NONE;
	return r;
}

void member_rename(const struct members_who *who, struct member *member)
{
	AUTO(bridge_wish) struct bridge_wish wish = { 0 };

	describe(who, &member->endpoint, &wish);
	/* A holder that is gone hears it when it is replaced. */
	(void)!bridge_rename(member->holding.sock, &wish);
}

int member_plug(struct member *member, int netns, unsigned int routes, const struct rate *limits,
		struct err *err)
{
	const struct holding *h = &member->holding;
	const char *interface = member->endpoint.interface;
	int r = bridge_plug(h->netns, netns, -1, interface, &h->lease, routes, err);

	if (r == 0 && (limits->up || limits->down)) {
		r = bridge_limit(h->netns, netns, interface, limits, err);
		if (r < 0)
			(void)!bridge_unplug(netns, interface, NULL);
	}
	if (r < 0)
		return err_wrap(err, "cannot connect to the network '%s'",
				member->endpoint.network);
	member->plugged = true;
	return 0;
}

void member_show(const struct member *member, struct attachment *out)
{
	const struct bridge_lease *lease = &member->holding.lease;

	*out = (struct attachment){
		.network = str_dup(member->endpoint.network),
		.id = str_dup(member->id),
		.interface = str_dup(member->endpoint.interface),
		.ip = str_dup(lease->ip),
		.prefix = lease->prefix,
		.ip6 = str_dup(lease->ip6),
		.prefix6 = lease->prefix6,
		.mac = str_dup(lease->mac),
		.gateway = str_dup(lease->gateway),
		.gateway6 = str_dup(lease->gateway6),
	};
}

/* ---- choosing among them ---- */

struct member *members_gateway(const struct members *members, bool ip6)
{
	struct member *best = NULL;

	for (size_t i = 0; i < members->count; i++) {
		struct member *m = members->items[i];
		const struct bridge_lease *lease = &m->holding.lease;
		if (m->internal || !(ip6 ? lease->gateway6 : lease->gateway))
			continue;
		if (!best || m->endpoint.priority > best->endpoint.priority)
			best = m;
	}
	return best;
}

struct member *members_resolver(const struct members *members)
{
	struct member *external = members_external(members);

	return external ? external : members->count ? members->items[0] : NULL;
}

struct member *members_external(const struct members *members)
{
	for (size_t i = 0; i < members->count; i++)
		if (!members->items[i]->internal)
			return members->items[i];
	return NULL;
}

unsigned int members_routes(const struct members *members, const struct member *member, bool usual)
{
	unsigned int routes = 0;

	if (!usual && members_gateway(members, false) == member)
		routes |= BRIDGE_ROUTE4;
	if (!usual && members_gateway(members, true) == member)
		routes |= BRIDGE_ROUTE6;
	return members_resolver(members) == member ? routes | BRIDGE_DNS : routes;
}

ssize_t members_find(const struct members *members, const char *network)
{
	for (size_t i = 0; i < members->count; i++)
		if (str_eq(members->items[i]->endpoint.network, network))
			return (ssize_t)i;
	return -1;
}

void members_drop(struct members *members, size_t at)
{
	member_free(members->items[at]);
	members->count--;
	memmove(&members->items[at], &members->items[at + 1],
		(members->count - at) * sizeof *members->items);
}

/* ---- handing over ---- */

char *members_save(const struct member *member)
{
	AUTO(json) cJSON *json = jfield_save(member_fields, member);

	return json_print(json, 0);
}

int members_load(const struct members_who *who, const char *json, size_t size, const int *fds,
		 size_t count, struct members *members, struct err *err)
{
	AUTO(json) cJSON *object = NULL;
	AUTO(member) struct member *member = member_new();
	struct holding *h = &member->holding;

	int r = json_parse(json, size, &object, err);
	if (r == 0)
		r = jfield_load(member_fields, object, member, err);
	if (r == 0 &&
	    (count < HOLDING_FDS - 1 || count > HOLDING_FDS || str_empty(member->endpoint.network)))
		r = err_set(err, -EBADMSG, "a network came without its membership");
	if (r < 0)
		return r;
	h->sock = fd_dup(fds[0]);
	h->netns = fd_dup(fds[1]);
	h->names = fd_dup(fds[2]);
	h->keeper = count == HOLDING_FDS ? fd_dup(fds[3]) : -1;
	if (h->sock < 0 || h->netns < 0 || h->names < 0 || (count == HOLDING_FDS && h->keeper < 0))
		return err_set(err, -EMFILE, "the monitor has no room for another network");
	if (members_find(members, member->endpoint.network) >= 0 ||
	    has_interface(members, member->endpoint.interface))
		return err_set(err, -EEXIST,
			       "container '%s' has the network '%s' or its interface already",
			       who->name, member->endpoint.network);
	push(members, take_ptr(member));
	name_interface(who, members);
	return 0;
}

void members_clear(struct members *members)
{
	for (size_t i = 0; i < members->count; i++)
		member_free(members->items[i]);
	free(members->items);
	*members = (struct members){ 0 };
}
