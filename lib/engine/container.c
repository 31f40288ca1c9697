/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * container - finding, listing and starting containers
 *
 * A monitor that was killed leaves a record that says "running". Whoever holds the container's lock
 * next makes sure that its PID 1 has ended (the kernel ends it with the monitor's pid namespace, unless
 * that namespace was shared) and writes the truth down.
 */
#include "engine/container.h"

#include <errno.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/lost.h"
#include "engine/supervise.h"
#include "store/lock.h"
#include "store/record.h"
#include "store/transition.h"

int container_find(struct engine *engine, const char *text, char **out_id, struct err *err)
{
	return record_resolve_listed(engine->store, &engine->listing, text, out_id, err);
}

/* ---- listing ---- */

struct listing {
	struct engine *engine;
	struct strv *damaged;
	struct strv abandoned; /* ids */
	struct container_state **items;
	size_t count;
};

static void listing_free(struct listing *l)
{
	for (size_t i = 0; i < l->count; i++)
		container_state_free(l->items[i]);
	free(l->items);
	strv_clear(&l->abandoned);
}

static int collect(void *data, const char *id, struct container_state *state)
{
	struct listing *l = data;

	if (!state) {
		strv_add(l->damaged, id);
		return 0;
	}
	/* A build's are its own business. */
	if (state->build) {
		container_state_free(state);
		return 0;
	}
	if (record_abandoned(l->engine->store, state)) {
		strv_add(&l->abandoned, id);
		container_state_free(state);
		return 0;
	}
	l->items = mem_push(l->items, &l->count, sizeof *l->items);
	l->items[l->count - 1] = state;
	return 0;
}

static int newest_first(const void *a, const void *b)
{
	const struct container_state *x = *(struct container_state *const *)a;
	const struct container_state *y = *(struct container_state *const *)b;

	return (x->created < y->created) - (x->created > y->created);
}

int container_states(struct engine *engine, struct strv *damaged, struct container_state ***out,
		     size_t *out_count, struct err *err)
{
	struct listing l = { .engine = engine, .damaged = damaged };

	int r = record_each_state(engine->store, collect, &l, err);
	if (r < 0) {
		listing_free(&l);
		return r;
	}
	for (size_t i = 0; i < l.abandoned.count; i++)
		container_drop(engine, l.abandoned.items[i]);
	strv_clear(&l.abandoned);
	if (l.count)
		qsort(l.items, l.count, sizeof *l.items, newest_first);
	*out = l.items;
	*out_count = l.count;
	return 0;
}

/* ---- starting ---- */

int container_start(struct engine *engine, const char *id, const struct start_options *options,
		    int *out_sock, struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(fd) int lock = -1;

	int r = lock_take(engine->store, LOCK_CONTAINER, id, LOCK_EXCLUSIVE, &lock, err);
	if (r == 0)
		r = lost_settle(engine, id, &state, err);
	if (r == 0)
		r = record_config_load(engine->store, id, &config, err);
	if (r < 0)
		return r;
	r = transition_check(config->name, state->status, VERB_START, NULL, err);
	if (r < 0)
		return r;
	if (r == 0)
		return err_set(err, -EALREADY, "container '%s' runs already", config->name);
	/* The record says that it ended before all is done about it. */
	r = state->status == CONTAINER_EXITED ? liveness_await(engine->store, id, err) : 0;
	if (r < 0)
		return r;
	struct supervise_args args = {
		.engine = engine,
		.config = config,
		.state = state,
		.lock = lock,
		.attached = options->attached,
		.extra_fds = options->extra_fds,
		.extra_count = options->extra_count,
		.activation = options->activation,
		.rows = options->rows,
		.columns = options->columns,
		.input = options->input,
		.sandbox = options->sandbox,
	};
	return supervise_start(&args, out_sock, err);
}
