/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wiring - a container's networks while it lives
 */
#include "engine/wiring.h"

#include <errno.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "engine/netargs.h"
#include "store/record.h"

/* Until the next try to have a holder again: it may have been killed, too, or there was no memory for it. */
static const int64_t patience = CLOCK_SECOND;

/* @links: kept by the caller */
static struct members_who self(const struct wiring *w, struct strv *links)
{
	members_links(&w->plug->members, links);
	return (struct members_who){
		.engine = w->engine,
		.config = w->config,
		.name = w->state->name,
		.outside = w->plug->usual,
		.inside = true,
		.links = links,
	};
}

static bool runs(const struct wiring *w)
{
	return w->netns >= 0;
}

/* ---- holders that were killed ---- */

static void watch(struct wiring *w, struct member *member);

/* What is in the container stays there; it has its place in the new holder's tables again. */
static void heal(void *data)
{
	struct member *member = data;
	struct wiring *w = member->owner;
	AUTO(strv) struct strv links = { 0 };
	const struct members_who who = self(w, &links);
	AUTO(err) struct err err = { 0 };

	monitor_unwatch(take_ptr(member->source));
	if (member_heal(&who, member, &err) < 0) {
		log_debug("container %s has lost its network for now: %s", w->state->name,
			  err.text);
		(void)!monitor_later(w->monitor, patience, heal, member, &member->source);
		return;
	}
	members_see(&w->plug->members);
	watch(w, member);
}

static void holder_gone(void *data, unused_arg uint32_t events)
{
	heal(data);
}

static void watch(struct wiring *w, struct member *member)
{
	member->owner = w;
	if (!member->source && monitor_watch(w->monitor, member->holding.sock, holder_gone, member,
					     &member->source) < 0)
		log_debug("the network '%s' is not watched", member->endpoint.network);
}

void wiring_watch(struct wiring *w)
{
	for (size_t i = 0; i < w->plug->members.count; i++)
		watch(w, w->plug->members.items[i]);
}

/* ---- changes ---- */

/* What is published through which network may be another one now. */
static int renew_net(struct wiring *w, bool usual_changed, struct err *err)
{
	struct plug *plug = w->plug;

	if (!runs(w) || (!usual_changed && !plug_stale(plug)))
		return 0;
	if (plug->net)
		monitor_forget(w->monitor, net_pidfd(plug->net));
	int r = plug_renew(plug, w->engine->host, w->config, w->state, w->netns, err);
	if (plug->net)
		monitor_helper(w->monitor, net_pidfd(plug->net));
	return r;
}

/* The container's files are a help, not a condition. */
static void renew_files(struct wiring *w, const struct netfiles_net *before)
{
	AUTO(netfiles_net) struct netfiles_net after = { 0 };
	AUTO(err) struct err err = { 0 };

	plug_view(w->plug, &after);
	const struct netfiles_change change = { w->config, w->dir, w->root, before, &after };
	if (runs(w) && netfiles_change(&change, &err) < 0)
		log_debug("%s", err.text);
}

static int note(struct wiring *w, const struct netfiles_net *before, struct err *err)
{
	renew_files(w, before);
	members_see(&w->plug->members);
	if (runs(w))
		plug_show(w->plug, w->state);
	return record_state_save(w->engine->store, w->state, false, err);
}

static void add_name(struct strv *names, const char *name)
{
	if (strv_find(names, name) < 0)
		strv_add(names, name);
}

static void drop_name(struct strv *names, const char *name)
{
	ssize_t at = strv_find(names, name);

	if (at >= 0)
		strv_remove(names, (size_t)at);
}

/* From here on the state names all of them: it was on the default network alone. */
static void name_all(struct container_state *state)
{
	if (!str_eq(str_or(state->network, "slirp"), "slirp"))
		return;
	str_set(&state->network, "bridge");
	add_name(&state->networks, ENDPOINT_DEFAULT);
}

static int connect_usual(struct wiring *w, struct endpoint *endpoint, struct err *err)
{
	w->plug->usual = true;
	int r = netargs_join(endpoint, &w->plug->options, err);
	if (r == 0)
		r = renew_net(w, true, err);
	if (r == 0) {
		wiring_renamed(w);
		return 0;
	}
	w->plug->usual = false;
	strv_clear(&w->plug->options);
	AUTO(err) struct err ignored = { 0 };
	(void)!renew_net(w, true, &ignored); /* as it was */
	return r;
}

/* The routes that led over an interface that has gone lead over others. */
static int renew_routes(struct wiring *w, struct err *err)
{
	const struct members *members = &w->plug->members;
	int r = 0;

	for (size_t i = 0; runs(w) && i < members->count && r == 0; i++) {
		struct member *m = members->items[i];
		unsigned int routes = members_routes(members, m, w->plug->usual);
		if (routes && m->plugged)
			r = bridge_route(w->netns, m->endpoint.interface, &m->holding.lease, routes,
					 err);
	}
	return r;
}

static int disconnect_usual(struct wiring *w, struct err *err)
{
	w->plug->usual = false;
	strv_clear(&w->plug->options);
	int r = renew_net(w, true, err);
	if (r == 0)
		r = renew_routes(w, err);
	if (r == 0)
		wiring_renamed(w);
	return r;
}

static int disconnect_member(struct wiring *w, size_t at, struct err *err)
{
	struct members *members = &w->plug->members;
	struct member *member = members->items[at];

	int r = !member->plugged || !runs(w)
			? 0
			: bridge_unplug(w->netns, member->endpoint.interface, err);
	if (r == -ENODEV) { /* the container took it away itself */
		err_clear(err);
		r = 0;
	}
	if (r < 0)
		return r;
	const bool linked = member->endpoint.links.count > 0;
	monitor_unwatch(take_ptr(member->source));
	plug_forget(w->plug, member);
	members_drop(members, at);
	if (linked)
		wiring_renamed(w);
	r = renew_routes(w, err);
	return r < 0 ? r : renew_net(w, false, err);
}

static int connect_member(struct wiring *w, struct err *err)
{
	struct members *members = &w->plug->members;
	struct member *member = members->items[members->count - 1];

	int r = !runs(w) ? 0
			 : member_plug(member, w->netns,
				       members_routes(members, member, w->plug->usual),
				       &w->plug->limits, err);
	if (r < 0) {
		members_drop(members, members->count - 1);
		return r;
	}
	watch(w, member);
	r = renew_net(w, false, err);
	if (r < 0)
		(void)!disconnect_member(w, members->count - 1, NULL); /* as it was */
	else if (member->endpoint.links.count)
		wiring_renamed(w);
	return r;
}

/* Of the default network; that of another is a part of its membership. */
static int load_endpoint(const char *json, size_t size, struct endpoint *out, struct err *err)
{
	AUTO(json) cJSON *object = NULL;
	int r = json_parse(json, size, &object, err);

	return r < 0 ? r : jfield_load(endpoint_fields, object, out, err);
}

int wiring_connect(struct wiring *w, const char *json, size_t size, const int *fds, size_t count,
		   struct err *err)
{
	AUTO(netfiles_net) struct netfiles_net before = { 0 };
	AUTO(strv) struct strv links = { 0 };
	const struct members_who who = self(w, &links);
	AUTO(endpoint) struct endpoint usual = { 0 };
	const char *name = ENDPOINT_DEFAULT;

	int r = load_endpoint(json, size, &usual, err);
	plug_view(w->plug, &before);
	if (r == 0 && str_eq(usual.network, ENDPOINT_DEFAULT)) {
		r = connect_usual(w, &usual, err);
	} else if (r == 0) {
		r = members_load(&who, json, size, fds, count, &w->plug->members, err);
		if (r == 0)
			name = w->plug->members.items[w->plug->members.count - 1]->endpoint.network;
		if (r == 0)
			r = connect_member(w, err);
	}
	if (r < 0)
		return r;
	name_all(w->state);
	add_name(&w->state->networks, name);
	return note(w, &before, err);
}

int wiring_disconnect(struct wiring *w, const char *network, struct err *err)
{
	AUTO(netfiles_net) struct netfiles_net before = { 0 };
	ssize_t at = members_find(&w->plug->members, network);
	bool usual = w->plug->usual && str_eq(network, ENDPOINT_DEFAULT);

	if (at < 0 && !usual)
		return err_set(err, -ENOENT, "container '%s' is not on the network '%s'",
			       w->state->name, network);
	plug_view(w->plug, &before);
	int r = usual ? disconnect_usual(w, err) : disconnect_member(w, (size_t)at, err);
	if (r < 0)
		return r;
	name_all(w->state);
	drop_name(&w->state->networks, network);
	return note(w, &before, err);
}

void wiring_renamed(struct wiring *w)
{
	AUTO(strv) struct strv links = { 0 };
	const struct members_who who = self(w, &links);

	for (size_t i = 0; i < w->plug->members.count; i++)
		member_rename(&who, w->plug->members.items[i]);
}

void wiring_end(struct wiring *w)
{
	struct members *members = &w->plug->members;

	for (size_t i = 0; i < members->count; i++)
		monitor_unwatch(take_ptr(members->items[i]->source));
	members_clear(members);
}
