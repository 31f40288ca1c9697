/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * connect - putting containers on networks and taking them off
 *
 * The monitor of one that runs is told first: it can fail. Then the record says so.
 */
#include "engine/connect.h"

#include <errno.h>

#include "base/fd.h"
#include "engine/container.h"
#include "engine/endpoints.h"
#include "engine/lost.h"
#include "engine/members.h"
#include "engine/running.h"
#include "store/event.h"
#include "store/lock.h"
#include "store/record.h"

/* A container and a network, both held. */
struct pair {
	struct network_record *network; /* NULL: the default one */
	struct container_config *config;
	struct container_state *state;
	int network_lock;
	int container_lock;
};

static void auto_pair(struct pair *p)
{
	network_record_free(p->network);
	container_config_free(p->config);
	container_state_free(p->state);
	fd_close(p->container_lock);
	fd_close(p->network_lock);
}

static const char *name_of(const struct pair *p)
{
	return p->network ? p->network->name : ENDPOINT_DEFAULT;
}

static int hold_network(struct engine *engine, const char *text, struct pair *p, struct err *err)
{
	AUTO(network_record) struct network_record *found = NULL;

	if (netargs_default(text))
		return 0;
	if (netargs_mode(text)) {
		(void)err_set(err, -EINVAL, "the network '%s' is chosen when a container is made",
			      text);
		return err_hint(err, "make another: cubby run --network %s", text);
	}
	int r = endpoints_find_network(engine, text, &found, err);
	if (r == 0)
		r = lock_take(engine->store, LOCK_NETWORK, found->name, LOCK_SHARED,
			      &p->network_lock, err);
	return r < 0 ? r : network_record_load(engine->store, found->name, &p->network, err);
}

static int hold_container(struct engine *engine, const char *text, struct pair *p, struct err *err)
{
	AUTO(mem) char *id = NULL;

	int r = container_find(engine, text, &id, err);
	if (r == 0)
		r = lock_take(engine->store, LOCK_CONTAINER, id, LOCK_EXCLUSIVE, &p->container_lock,
			      err);
	if (r == 0)
		r = lost_settle(engine, id, &p->state, err);
	return r < 0 ? r : record_config_load(engine->store, id, &p->config, err);
}

static int check_mode(const struct container_config *config, struct err *err)
{
	const char *mode = str_or(config->network_mode, "slirp");

	if (str_eq(mode, "slirp") || str_eq(mode, "bridge"))
		return 0;
	return err_set(err, -EINVAL,
		       "container '%s' has --network %s and can be on no other network",
		       config->name, mode);
}

static int hold(struct engine *engine, const char *network, const char *container, struct pair *p,
		struct err *err)
{
	int r = hold_network(engine, network, p, err);

	if (r == 0)
		r = hold_container(engine, container, p, err);
	return r < 0 ? r : check_mode(p->config, err);
}

static bool runs(const struct container_state *state)
{
	return state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED ||
	       state->status == CONTAINER_RESTARTING;
}

/* The default network alone is a mode; with others, or without, it is an endpoint. */
static void name_usual(struct container_config *config)
{
	if (!str_eq(str_or(config->network_mode, "slirp"), "slirp"))
		return;
	str_set(&config->network_mode, "bridge");
	struct endpoint *e = vec_push(&config->endpoints);
	e->network = str_dup(ENDPOINT_DEFAULT);
}

/* A monitor writes the state of one that runs. */
static int save(struct engine *engine, struct pair *p, struct err *err)
{
	int r = record_config_save(engine->store, p->config, err);

	if (r < 0 || runs(p->state))
		return r;
	container_state_networks(p->state, p->config);
	return record_state_save(engine->store, p->state, false, err);
}

static void tell(struct engine *engine, const struct pair *p, enum event_action action)
{
	AUTO(mem) char *container = str_fmt("container=%s", p->config->id);
	const char *const details[] = { container, "type=bridge", NULL };
	const struct event_about about = {
		.id = p->network ? p->network->id : NULL,
		.name = name_of(p),
	};

	event_write(engine->store, EVENT_NETWORK, action, &about, details);
}

static int ask_monitor(struct engine *engine, const struct pair *p, struct monitor_client **out,
		       struct err *err)
{
	if (!str_eq(p->state->host_id, engine->store->host_id))
		return err_set(err, -ESRCH, "container '%s' runs on another host, '%s'",
			       p->state->name, str_or(p->state->host_id, "?"));
	return running_connect(engine, p->config->id, out, err);
}

/* An older monitor was started before there were networks. */
static int too_old(const struct pair *p, struct err *err)
{
	(void)err_set(err, -ENOSYS, "the monitor of container '%s' is older and knows no networks",
		      p->config->name);
	return err_hint(err, "start the container again: cubby restart %s", p->config->name);
}

/* ---- connecting ---- */

static int copy(const struct endpoint *from, struct endpoint *to)
{
	AUTO(json) cJSON *json = jfield_save(endpoint_fields, from);

	return jfield_load(endpoint_fields, json, to, NULL);
}

/* Tried on a copy: the monitor is told what was asked for. */
static int check_usual(const struct pair *p, const struct endpoint *endpoint, struct err *err)
{
	AUTO(endpoint) struct endpoint trial = { 0 };
	AUTO(strv) struct strv options = { 0 };

	strv_extend(&options, &p->config->network_options);
	int r = copy(endpoint, &trial);
	if (r == 0)
		r = netargs_join(&trial, &options, err);
	return r < 0 ? r : netargs_check_default(&options, err);
}

static int plan(const struct connect_args *args, struct pair *p, struct endpoint *out,
		struct err *err)
{
	out->network = str_dup(name_of(p));
	out->priority = args->priority;
	int r = netargs_apply(&args->one, out, err);
	for (size_t i = 0; args->options && i < args->options->count && r == 0; i++)
		r = netargs_driver(out, args->options->items[i], err);
	if (r < 0)
		return r;
	return p->network ? endpoints_check(p->network, out, err) : check_usual(p, out, err);
}

static int connect_usual(struct monitor_client *client, const struct endpoint *endpoint,
			 struct err *err)
{
	AUTO(json) cJSON *json = jfield_save(endpoint_fields, endpoint);
	AUTO(mem) char *text = json_print(json, 0);

	return client_connect_network(client, text, NULL, 0, err);
}

/* A monitor of an earlier version knows nothing of a keeper. */
static int hand_over(struct monitor_client *client, const struct member *member, struct err *err)
{
	AUTO(mem) char *text = members_save(member);
	const struct holding *h = &member->holding;
	const int fds[HOLDING_FDS] = { h->sock, h->netns, h->names, h->keeper };
	const size_t all = HOLDING_FDS - (h->keeper < 0);
	int r = client_connect_network(client, text, fds, all, err);

	if (r != -EBADMSG || all < HOLDING_FDS)
		return r;
	if (err)
		err_clear(err);
	return client_connect_network(client, text, fds, all - 1, err);
}

static int connect_running(struct engine *engine, const struct pair *p,
			   const struct endpoint *endpoint, struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;
	AUTO(members) struct members members = { 0 };
	const struct members_who who = {
		.engine = engine,
		.config = p->config,
		.name = p->config->name,
		.outside = endpoints_find(&p->config->endpoints, ENDPOINT_DEFAULT) != NULL,
	};

	int r = ask_monitor(engine, p, &client, err);
	if (r == 0 && !p->network)
		r = connect_usual(client, endpoint, err);
	if (r == 0 && p->network)
		r = members_add(&who, endpoint, &members, err);
	if (r == 0 && p->network)
		r = hand_over(client, members.items[0], err);
	return r == -ENOSYS ? too_old(p, err) : r;
}

int network_connect(struct engine *engine, const struct connect_args *args, struct err *err)
{
	AUTO(pair) struct pair p = { .network_lock = -1, .container_lock = -1 };
	AUTO(endpoint) struct endpoint endpoint = { 0 };

	int r = hold(engine, args->network, args->container, &p, err);
	if (r < 0)
		return r;
	name_usual(p.config);
	if (endpoints_find(&p.config->endpoints, name_of(&p)))
		return err_set(err, -EEXIST, "container '%s' is on the network '%s' already",
			       p.config->name, args->network);
	r = plan(args, &p, &endpoint, err);
	if (r == 0 && runs(p.state))
		r = connect_running(engine, &p, &endpoint, err);
	if (r == 0 && !p.network)
		r = netargs_join(&endpoint, &p.config->network_options, err);
	if (r < 0)
		return r;
	*vec_push(&p.config->endpoints) = endpoint;
	endpoint = (struct endpoint){ 0 };
	r = save(engine, &p, err);
	if (r == 0)
		tell(engine, &p, EVENT_CONNECT);
	return r;
}

/* ---- disconnecting ---- */

static int disconnect_running(struct engine *engine, const struct pair *p, bool force,
			      struct err *err)
{
	AUTO(monitor_client) struct monitor_client *client = NULL;

	int r = ask_monitor(engine, p, &client, err);
	if (r == 0)
		r = client_disconnect_network(client, name_of(p), err);
	if (r == -ENOSYS)
		r = too_old(p, err);
	if (r == 0 || !force)
		return r;
	engine_warn(engine, "%s", err ? err->text : "the container's monitor does not answer");
	err_clear(err);
	return 0;
}

int network_disconnect(struct engine *engine, const char *network, const char *container,
		       bool force, struct err *err)
{
	AUTO(pair) struct pair p = { .network_lock = -1, .container_lock = -1 };

	int r = hold(engine, network, container, &p, err);
	if (r < 0)
		return r;
	name_usual(p.config);
	if (!endpoints_find(&p.config->endpoints, name_of(&p)))
		return err_set(err, -ENOENT, "container '%s' is not on the network '%s'",
			       p.config->name, network);
	r = runs(p.state) ? disconnect_running(engine, &p, force, err) : 0;
	if (r < 0)
		return r;
	endpoints_drop(&p.config->endpoints, name_of(&p));
	if (!p.network)
		strv_clear(&p.config->network_options);
	r = save(engine, &p, err);
	if (r == 0)
		tell(engine, &p, EVENT_DISCONNECT);
	return r;
}

/* ---- links ------------------------------------------------------------------------------------ */

/* Return: whether there was one. */
static bool drop_link(struct container_config *config, const char *alias)
{
	bool found = false;

	for (size_t i = 0; i < config->endpoints.count; i++) {
		struct strv *links = &config->endpoints.items[i].links;
		for (size_t k = links->count; k > 0; k--) {
			if (!str_eq(strchr(links->items[k - 1], ':') + 1, alias))
				continue;
			strv_remove(links, k - 1);
			found = true;
		}
	}
	return found;
}

int network_unlink(struct engine *engine, const char *link, struct err *err)
{
	AUTO(pair) struct pair p = { .network_lock = -1, .container_lock = -1 };
	AUTO(mem) char *name = str_dup(link + (*link == '/'));
	const char *alias = str_cut(name, '/');

	if (!alias || !*name || !*alias || strchr(alias, '/')) {
		(void)err_set(err, -EINVAL, "'%s' is no link", link);
		return err_hint(
			err, "a link is CONTAINER/ALIAS: whose it is, and what it calls another");
	}
	int r = hold_container(engine, name, &p, err);
	if (r < 0)
		return r;
	if (!drop_link(p.config, alias)) {
		(void)err_set(err, -ENOENT, "container '%s' has no link '%s'", p.config->name,
			      alias);
		return err_hint(err, "'cubby inspect %s' shows the links of each network", name);
	}
	if (runs(p.state)) {
		(void)err_set(err, -EBUSY,
			      "container '%s' runs: its networks know its link '%s' until it ends",
			      p.config->name, alias);
		return err_hint(err, "stop it first");
	}
	return save(engine, &p, err);
}
