/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dependents - the containers that need another one
 *
 * They are looked for in breadth: first those that need the one asked about, then those that need
 * these. What is found later needs what was found before, so the result is that order reversed.
 */
#include "engine/dependents.h"

#include "store/container.h"
#include "store/record.h"

static bool needs(const struct container_config *c, const char *id)
{
	const char *const modes[] = { c->pid_mode, c->ipc_mode, c->uts_mode, c->network_mode,
				      c->userns_mode };

	for (size_t i = 0; i < array_len(modes); i++) {
		const char *other = modes[i] ? str_starts(modes[i], "container:") : NULL;
		if (str_eq(other, id))
			return true;
	}
	return strv_find(&c->requires, id) >= 0;
}

/* Adds those that need @id and were not found yet. */
static void add_direct(struct engine *engine, const struct strv *all, const char *id,
		       struct strv *found)
{
	for (size_t i = 0; i < all->count; i++) {
		AUTO(container_config) struct container_config *config = NULL;
		if (record_config_load(engine->store, all->items[i], &config, NULL) == 0 &&
		    needs(config, id) && strv_find(found, all->items[i]) < 0)
			strv_add(found, all->items[i]);
	}
}

int dependents_list(struct engine *engine, const char *id, struct strv *out, struct err *err)
{
	AUTO(strv) struct strv all = { 0 }, found = { 0 };

	int r = record_list(engine->store, &all, err);
	if (r < 0)
		return r;
	add_direct(engine, &all, id, &found);
	for (size_t i = 0; i < found.count; i++)
		add_direct(engine, &all, found.items[i], &found);
	for (size_t i = found.count; i > 0; i--)
		strv_add(out, found.items[i - 1]);
	return 0;
}
