/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * needs - the containers that a container cannot be without
 */
#include "engine/needs.h"

#include <errno.h>

#include "engine/container.h"
#include "monitor/restart.h"
#include "store/record.h"

static void add_once(struct strv *list, const char *id)
{
	if (id && strv_find(list, id) < 0)
		strv_add(list, id);
}

void needs_of(const struct container_config *config, struct strv *out)
{
	const char *const modes[] = { config->pid_mode, config->ipc_mode, config->uts_mode,
				      config->network_mode };

	for (size_t i = 0; i < array_len(modes); i++)
		add_once(out, modes[i] ? str_starts(modes[i], "container:") : NULL);
	for (size_t i = 0; i < config->requires.count; i++)
		add_once(out, config->requires.items[i]);
}

int needs_resolve(struct engine *engine, struct container_config *config, struct err *err)
{
	AUTO(strv) struct strv ids = { 0 };

	for (size_t i = 0; i < config->requires.count; i++) {
		AUTO(mem) char *id = NULL;
		int r = record_resolve(engine->store, config->requires.items[i], &id, err);
		if (r < 0)
			return err_wrap(err, "--requires");
		add_once(&ids, id);
	}
	strv_clear(&config->requires);
	strv_extend(&config->requires, &ids);
	return 0;
}

/* ---- at boot ---- */

struct boot {
	struct engine *engine;
	struct container_state **states; /* newest first */
	size_t count;
	struct strv seen; /* ids */
	struct strv *names;
};

static const struct container_state *find(const struct boot *b, const char *id)
{
	for (size_t i = 0; i < b->count; i++)
		if (str_eq(b->states[i]->id, id))
			return b->states[i];
	return NULL;
}

static bool stands_still(const struct container_state *state)
{
	return state->status == CONTAINER_EXITED || state->status == CONTAINER_CREATED;
}

/* Each is marked before those that it needs, so that a circle comes to an end. */
static void visit(struct boot *b, const char *id)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(strv) struct strv needs = { 0 };
	const struct container_state *state = find(b, id);

	if (!state || !stands_still(state) || strv_find(&b->seen, id) >= 0)
		return;
	strv_add(&b->seen, id);
	if (record_config_load(b->engine->store, id, &config, NULL) < 0)
		return;
	needs_of(config, &needs);
	for (size_t i = 0; i < needs.count; i++)
		visit(b, needs.items[i]);
	strv_add(b->names, state->name);
}

static bool asks(const struct boot *b, const struct container_state *state)
{
	const struct store *store = b->engine->store;
	struct restart restart;

	/* What another version wrote is no wish that we know. */
	if (state->status != CONTAINER_EXITED || !str_eq(state->host_id, store->host_id) ||
	    restart_parse(state->restart, &restart, NULL) < 0)
		return false;
	return restart_at_boot(&restart, state->stopped_by_user,
			       str_eq(state->boot_id, store->boot_id));
}

int needs_at_boot(struct engine *engine, struct strv *out, struct err *err)
{
	AUTO(strv) struct strv damaged = { 0 };
	struct boot b = { .engine = engine, .names = out };

	int r = container_states(engine, &damaged, &b.states, &b.count, err);
	if (r < 0)
		return r;
	for (size_t i = b.count; i > 0; i--)
		if (asks(&b, b.states[i - 1]))
			visit(&b, b.states[i - 1]->id);
	for (size_t i = 0; i < b.count; i++)
		container_state_free(b.states[i]);
	free(b.states);
	strv_clear(&b.seen);
	return 0;
}
