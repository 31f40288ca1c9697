/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * census - what each container uses, every record read once
 */
#include "store/census.h"

#include <stdio.h>
#include <uthash.h>

#include "store/container.h"
#include "store/record.h"

struct resident {
	char id[CONTAINER_ID_HEX + 1];
	char *image_id;
	struct strv mounts;
	struct strv layers;
	struct strv needs;  /* ids of other containers */
	bool config_read;   /* these two are known */
	unsigned int round; /* of the refresh that saw it last */
	UT_hash_handle hh;
};

struct census {
	struct resident *residents;
	unsigned int round;
};

static void remove_resident(struct census *census, struct resident *resident)
{
	HASH_DEL(census->residents, resident);
	free(resident->image_id);
	strv_clear(&resident->mounts);
	strv_clear(&resident->layers);
	strv_clear(&resident->needs);
	free(resident);
}

struct census *census_new(void)
{
	return mem_new(struct census);
}

void census_free(struct census *census)
{
	struct resident *resident, *next;

	if (!census)
		return;
	HASH_ITER(hh, census->residents, resident, next)
		remove_resident(census, resident);
	free(census);
}

/* What a refresh works with. */
struct count {
	struct census *census;
	const struct store *store;
};

static bool is_new(void *data, const char *id)
{
	const struct count *count = data;
	struct census *census = count->census;
	struct resident *known;

	HASH_FIND_STR(census->residents, id, known);
	if (known)
		known->round = census->round;
	return !known;
}

static void note(struct census *census, const char *id, const char *image_id,
		 const struct strv *mounts)
{
	struct resident *resident = mem_new(struct resident);

	(void)snprintf(resident->id, sizeof resident->id, "%s", id);
	resident->round = census->round;
	resident->image_id = str_dup(image_id);
	strv_extend(&resident->mounts, mounts);
	HASH_ADD_STR(census->residents, id, resident);
}

/* A torn state says nothing, but what it repeats stands in the configuration as well. */
static void note_torn(const struct count *count, const char *id)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(strv) struct strv mounts = { 0 };

	if (record_config_load(count->store, id, &config, NULL) < 0)
		return;
	container_config_mounts(config, &mounts);
	note(count->census, id, config->image_id, &mounts);
}

static int add(void *data, const char *id, struct container_state *state)
{
	AUTO(container_state) struct container_state *owned = state;
	const struct count *count = data;

	if (owned)
		note(count->census, id, owned->image_id, &owned->mounts);
	else
		note_torn(count, id);
	return 0;
}

int census_refresh(struct census *census, const struct store *store, struct err *err)
{
	struct resident *resident, *next;

	census->round++;
	struct count count = { census, store };
	int r = record_each_wanted(store, is_new, add, &count, err);
	if (r < 0)
		return r;
	HASH_ITER(hh, census->residents, resident, next)
		if (resident->round != census->round)
			remove_resident(census, resident);
	return 0;
}

void census_volume_users(const struct census *census, const char *name, struct strv *out)
{
	/* Sources of binds are absolute paths, so a name is a volume's. */
	for (const struct resident *r = census->residents; r; r = r->hh.next)
		if (strv_find(&r->mounts, name) >= 0)
			strv_add(out, r->id);
}

void census_mounts(const struct census *census, struct strv *out)
{
	for (const struct resident *r = census->residents; r; r = r->hh.next)
		strv_extend(out, &r->mounts);
}

void census_image_users(const struct census *census, const char *id, struct strv *out)
{
	for (const struct resident *r = census->residents; r; r = r->hh.next)
		if (str_eq(r->image_id, id))
			strv_add(out, r->id);
}

static void note_needs(struct resident *resident, const struct container_config *c)
{
	const char *const modes[] = { c->pid_mode, c->ipc_mode, c->uts_mode, c->network_mode,
				      c->userns_mode };

	for (size_t i = 0; i < array_len(modes); i++) {
		const char *other = modes[i] ? str_starts(modes[i], "container:") : NULL;
		if (other)
			strv_add(&resident->needs, other);
	}
	strv_extend(&resident->needs, &c->requires);
}

static void read_config(struct resident *resident, const struct store *store)
{
	AUTO(container_config) struct container_config *config = NULL;

	if (resident->config_read || record_config_load(store, resident->id, &config, NULL) < 0)
		return;
	container_config_layers(config, &resident->layers);
	note_needs(resident, config);
	resident->config_read = true;
}

static void add_once(struct strv *list, const char *text)
{
	if (strv_find(list, text) < 0)
		strv_add(list, text);
}

void census_layers(struct census *census, const struct store *store, struct strv *out)
{
	for (struct resident *r = census->residents; r; r = r->hh.next) {
		read_config(r, store);
		for (size_t i = 0; i < r->layers.count; i++)
			add_once(out, r->layers.items[i]);
	}
}

void census_dependents(struct census *census, const struct store *store, const char *id,
		       struct strv *out)
{
	for (struct resident *r = census->residents; r; r = r->hh.next) {
		read_config(r, store);
		if (strv_find(&r->needs, id) >= 0)
			add_once(out, r->id);
	}
}
