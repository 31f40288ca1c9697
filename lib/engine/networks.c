/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * networks - finding, changing and removing networks
 *
 * Making one is networks_make.c.
 */
#include "engine/networks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "engine/holders.h"
#include "net/config.h"
#include "net/network.h"
#include "store/holder.h"
#include "store/lock.h"
#include "store/record.h"

static void forget(struct err *err)
{
	if (err)
		err_clear(err);
}

/* ---- those that are there before any is made ---- */

static void add_subnet(struct network_record *record, const char *network, int prefix,
		       const char *gateway)
{
	*vec_push(&record->subnets) = (struct network_subnet){
		.subnet = str_fmt("%s/%d", network, prefix),
		.gateway = str_dup(gateway),
	};
}

static struct network_record *record_of(const struct network *builtin)
{
	AUTO(net_plan) struct net_plan plan = { 0 };
	struct network_record *record = mem_new(struct network_record);

	record->id = str_dup(builtin->id);
	record->name = str_dup(builtin->name);
	record->driver = str_dup(builtin->driver);
	record->no_dns = true;
	if (!str_eq(builtin->driver, "bridge"))
		return record;
	record->interface = str_fmt("%s0", str_eq(builtin->name, "podman") ? "podman" : "docker");
	bug_unless(net_plan(&(struct net_config){ 0 }, &plan, NULL) == 0);
	add_subnet(record, plan.network, plan.prefix, plan.gateway);
	add_subnet(record, plan.network6, plan.prefix6, plan.gateway6);
	record->ipv6 = true;
	return record;
}

bool networks_builtin(const struct engine *engine, const char *name)
{
	const struct network *builtin = network_find(engine->docker, name);

	return builtin && str_eq(builtin->name, name);
}

/* ---- finding ---- */

int networks_find(struct engine *engine, const char *text, struct network_record **out,
		  struct err *err)
{
	const struct network *builtin = network_find(engine->docker, text);
	AUTO(mem) char *name = NULL;

	if (builtin && str_eq(builtin->name, text)) {
		*out = record_of(builtin);
		return 0;
	}
	int r = network_record_resolve(engine->store, text, &name, err);
	if (r == 0)
		return network_record_load(engine->store, name, out, err);
	if (r != -ENOENT || !builtin)
		return r;
	forget(err);
	*out = record_of(builtin);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct network_record *const *)a)->name,
		      (*(struct network_record *const *)b)->name);
}

int networks_list(struct engine *engine, struct networks *out, struct err *err)
{
	AUTO(networks) struct networks list = { 0 };
	AUTO(strv) struct strv names = { 0 };
	const struct network *builtin;
	int r = network_record_list(engine->store, &names, err);

	if (r < 0)
		return r;
	for (size_t i = 0; (builtin = network_at(engine->docker, i)); i++)
		*vec_push(&list) = record_of(builtin);
	for (size_t i = 0; i < names.count; i++) {
		AUTO(err) struct err one = { 0 };
		struct network_record *record = NULL;
		r = network_record_load(engine->store, names.items[i], &record, &one);
		if (r == 0)
			*vec_push(&list) = record;
		else if (r != -ENOENT) /* else it has gone meanwhile */
			engine_warn(engine, "%s", one.text);
	}
	qsort(list.items, list.count, sizeof(struct network_record *), by_name);
	*out = list;
	list = (struct networks){ 0 };
	return 0;
}

void networks_clear(struct networks *list)
{
	for (size_t i = 0; i < list->count; i++)
		network_record_free(list->items[i]);
	free(list->items);
	*list = (struct networks){ 0 };
}

/* ---- who is on them ---- */

/* The name of the network that a mode stands for; NULL: of none. */
static const char *network_of_mode(const struct engine *engine, const char *mode)
{
	if (str_eq(mode, "slirp"))
		return network_at(engine->docker, 0)->name;
	return mode && networks_builtin(engine, mode) && !str_eq(mode, "bridge") ? mode : NULL;
}

static void add_networks(const struct engine *engine, const struct container_state *state,
			 struct strv *out)
{
	const char *usual = network_of_mode(engine, state->network);

	if (usual)
		strv_add(out, usual);
	for (size_t i = 0; i < state->networks.count; i++)
		strv_add(out, str_eq(state->networks.items[i], ENDPOINT_DEFAULT)
				      ? network_at(engine->docker, 0)->name
				      : state->networks.items[i]);
}

static bool is_on(const struct engine *engine, const struct container_state *state,
		  const char *network)
{
	AUTO(strv) struct strv names = { 0 };
	bool found = false;

	add_networks(engine, state, &names);
	for (size_t i = 0; i < names.count && !found; i++)
		found = str_eq(names.items[i], network);
	return found;
}

struct search {
	const struct engine *engine;
	const char *network;
	struct networks_users *users;
	struct strv *names;
};

/* A torn state says nothing, but what networks it names stands in the configuration as well. */
static struct container_state *or_by_config(const struct engine *engine, const char *id,
					    struct container_state *state)
{
	AUTO(container_config) struct container_config *config = NULL;

	if (state || record_config_load(engine->store, id, &config, NULL) < 0)
		return state;
	state = mem_new(struct container_state);
	str_set(&state->id, id);
	str_set(&state->name, config->name);
	container_state_networks(state, config);
	return state;
}

static int note_user(void *data, const char *id, struct container_state *state)
{
	const struct search *search = data;
	AUTO(container_state)
	struct container_state *owned = or_by_config(search->engine, id, state);

	if (owned && is_on(search->engine, owned, search->network))
		*vec_push(search->users) = take_ptr(owned);
	return 0;
}

int networks_users(struct engine *engine, const char *name, struct networks_users *out,
		   struct err *err)
{
	AUTO(networks_users) struct networks_users users = { 0 };
	struct search search = { .engine = engine, .network = name, .users = &users };
	int r = record_each_state(engine->store, note_user, &search, err);

	if (r < 0)
		return r;
	*out = users;
	users = (struct networks_users){ 0 };
	return 0;
}

static int note_networks(void *data, const char *id, struct container_state *state)
{
	const struct search *search = data;
	AUTO(container_state)
	struct container_state *owned = or_by_config(search->engine, id, state);

	if (owned)
		add_networks(search->engine, owned, search->names);
	return 0;
}

int networks_used(struct engine *engine, struct strv *out, struct err *err)
{
	struct search search = { .engine = engine, .names = out };

	return record_each_state(engine->store, note_networks, &search, err);
}

void networks_users_clear(struct networks_users *list)
{
	for (size_t i = 0; i < list->count; i++)
		container_state_free(list->items[i]);
	free(list->items);
	*list = (struct networks_users){ 0 };
}

/* ---- removing ---- */

static bool runs(const struct container_state *state)
{
	return state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED ||
	       state->status == CONTAINER_RESTARTING;
}

static int check_unused(struct engine *engine, const char *name, unsigned int flags,
			struct err *err)
{
	AUTO(networks_users) struct networks_users users = { 0 };
	AUTO(strv) struct strv names = { 0 };
	int r = networks_users(engine, name, &users, err);

	for (size_t i = 0; i < users.count; i++)
		if (!(flags & NETWORKS_IF_RUNNING) || runs(users.items[i]))
			strv_add(&names, users.items[i]->name);
	if (r < 0 || !names.count)
		return r;
	AUTO(mem) char *list = str_join(&names, ", ");
	const char *several = names.count > 1 ? "s" : "";
	err_set(err, -EBUSY, "the network '%s' is used by the container%s %s", name, several, list);
	(void)err_hint(err,
		       "remove the container%s first, or take %s off: cubby network disconnect "
		       "%s %s",
		       several, names.count > 1 ? "them" : "it", name, names.items[0]);
	return -EBUSY;
}

static int remove_users(struct engine *engine, const char *name,
			const struct remove_options *options, struct err *err)
{
	AUTO(networks_users) struct networks_users users = { 0 };
	int r = networks_users(engine, name, &users, err);

	for (size_t i = 0; i < users.count && r == 0; i++) {
		r = container_remove(engine, users.items[i]->id, options, err);
		if (r == -ENOENT) { /* it went by itself */
			forget(err);
			r = 0;
		}
	}
	return r;
}

/* The whole name of one that may be changed. */
static int find_made(struct engine *engine, const char *text, char **out_name, struct err *err)
{
	const struct network *builtin = network_find(engine->docker, text);
	int r = network_record_resolve(engine->store, text, out_name, err);

	if (r != -ENOENT || !builtin)
		return r;
	forget(err);
	return err_set(err, -EPERM,
		       "the network '%s' is there without being made: it cannot be changed or "
		       "removed",
		       builtin->name);
}

int networks_delete(struct engine *engine, const char *text, const struct remove_options *users,
		    unsigned int flags, struct err *err)
{
	AUTO(mem) char *name = NULL;
	AUTO(fd) int lock = -1;
	int r = find_made(engine, text, &name, err);

	if (r == 0)
		r = store_check_writable(engine->store, err);
	if (r == 0 && users)
		r = remove_users(engine, name, users, err);
	if (r == 0)
		r = lock_take(engine->store, LOCK_NETWORK, name, LOCK_EXCLUSIVE, &lock, err);
	if (r == 0)
		r = check_unused(engine, name, flags, err);
	if (r == 0)
		r = network_record_remove(engine->store, name, err);
	if (r == 0)
		holder_drop(engine->store, name);
	return r;
}

/* ---- changing ---- */

static void drop_word(struct strv *list, const char *word)
{
	for (size_t i = list->count; i > 0; i--)
		if (str_eq(list->items[i - 1], word))
			strv_remove(list, i - 1);
}

static int check_addresses(const struct strv *words, struct err *err)
{
	struct netlink_addr addr;

	for (size_t i = 0; i < words->count; i++)
		if (netlink_addr_parse(words->items[i], &addr) < 0)
			return err_set(err, -EINVAL, "the name server '%s' is no address",
				       words->items[i]);
	return 0;
}

static int change_dns(struct engine *engine, const char *name, const struct strv *add,
		      const struct strv *drop, struct network_record **out, struct err *err)
{
	AUTO(network_record) struct network_record *record = NULL;
	int r = network_record_load(engine->store, name, &record, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < drop->count; i++)
		drop_word(&record->dns, drop->items[i]);
	for (size_t i = 0; i < add->count; i++) {
		drop_word(&record->dns, add->items[i]);
		strv_add(&record->dns, add->items[i]);
	}
	r = network_record_save(engine->store, record, err);
	if (r == 0)
		*out = take_ptr(record);
	return r;
}

/* A holder that was started by an older version does not know of this. */
static void tell_running(struct engine *engine, const struct network_record *record)
{
	int r = holder_serve(engine, record);

	if (r < 0 && r != -ESRCH)
		engine_warn(engine,
			    "the containers that run on the network '%s' ask these servers once "
			    "all of them have ended",
			    record->name);
}

int networks_update_dns(struct engine *engine, const char *text, const struct strv *add,
			const struct strv *drop, struct err *err)
{
	AUTO(network_record) struct network_record *record = NULL;
	AUTO(mem) char *name = NULL;
	AUTO(fd) int lock = -1;
	int r = check_addresses(add, err);

	if (r == 0)
		r = check_addresses(drop, err);
	if (r == 0)
		r = find_made(engine, text, &name, err);
	if (r == 0)
		r = lock_take(engine->store, LOCK_NETWORK, name, LOCK_EXCLUSIVE, &lock, err);
	if (r == 0)
		r = change_dns(engine, name, add, drop, &record, err);
	if (r == 0)
		tell_running(engine, record);
	return r;
}
