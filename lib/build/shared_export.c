/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shared_export - keeping the steps of a build in a registry
 *
 * Each step is entered as an image without a name for as long as it takes to push all of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "build/commit.h"
#include "build/shared.h"
#include "build/shared_index.h"
#include "engine/images.h"
#include "engine/push.h"
#include "engine/restore.h"
#include "oci/media.h"
#include "store/buildcache.h"
#include "store/images.h"

enum { ENTRIES_MAX = 1000 };

struct exporting {
	struct engine *engine;
	const struct build_options *options;
	const struct solution *solution;
	struct layer_helper *helper;
	struct push *push;
	cJSON *entries;	  /* of the new index */
	const cJSON *old; /* the one that is there, or NULL */
	struct strv made; /* ids of the images, whose blobs several of them share */
};

/* Where in a stage's layers a record ends: behind its own, or where it has none behind the one below. */
static size_t end_of(const struct sofar *stage, const struct buildstep *record)
{
	const char *last = str_or(record->layer, record->below);

	for (size_t i = stage->layers.count; last && i > 0; i--)
		if (str_eq(stage->layers.items[i - 1], last))
			return i;
	return 0;
}

static void add_label(struct sofar *out, const char *key, const char *value)
{
	strv_addf(&out->config->config.labels, "%s=%s", key, value);
}

/* The image of a step: some of the stage's layers, and what the record says. */
static void make_image(const struct sofar *stage, const struct buildstep *record, size_t first,
		       size_t end, struct sofar *out)
{
	AUTO(mem) char *size = str_fmt("%lld", (long long)record->tar_size);

	out->config = image_config_new();
	platform_copy(&out->config->platform, &stage->config->platform);
	str_set(&out->config->created, record->created);
	for (size_t i = first; i < end; i++) {
		strv_add(&out->layers, stage->layers.items[i]);
		strv_add(&out->config->diff_ids, stage->config->diff_ids.items[i]);
		descriptor_copy(vec_push(&out->blobs), &stage->blobs.items[i]);
	}
	add_label(out, SHARED_KEY, record->key);
	add_label(out, SHARED_TEXT, str_or(record->text, ""));
	add_label(out, SHARED_CREATED, record->created);
	if (record->layer)
		add_label(out, SHARED_SIZE, size);
	if (first > 0)
		add_label(out, SHARED_LINKED, "1");
	*vec_push(&out->config->history) =
		(struct image_history){ .created = str_dup(record->created),
					.empty_layer = end == first };
}

static void add_entry(cJSON *entries, const char *key, const struct descriptor *there)
{
	cJSON *entry = cJSON_CreateObject();
	cJSON *notes;

	cJSON_AddStringToObject(entry, "mediaType", there->media_type);
	cJSON_AddStringToObject(entry, "digest", there->digest);
	cJSON_AddNumberToObject(entry, "size", (double)there->size);
	notes = cJSON_AddObjectToObject(entry, "annotations");
	cJSON_AddStringToObject(notes, SHARED_KEY, key);
	cJSON_AddItemToArray(entries, entry);
}

/* Layers that are kept unpacked alone become blobs first. */
static int push_committed(struct exporting *x, const struct build_committed *made, const char *key,
			  struct err *err)
{
	AUTO(image) struct image *image = NULL;
	AUTO(image) struct image *whole = NULL;
	AUTO(descriptor) struct descriptor there = { 0 };

	int r = image_find(x->engine->store, made->digest, &image, err);
	if (r == 0 && restore_possible(x->engine, image))
		r = restore_image(x->engine, image, &whole, err);
	if (r < 0)
		return r;
	const struct image *now = whole ? whole : image;
	const struct descriptor d = { .digest = now->digest,
				      .media_type = now->media_type,
				      .size = now->manifest_size };
	r = push_manifest(x->push, NULL, &d, false, &there, err);
	if (r == 0)
		add_entry(x->entries, key, &there);
	return r;
}

/* A step that is there already stays as it is. */
static bool is_there(struct exporting *x, const char *key)
{
	const cJSON *entry;

	cJSON_ArrayForEach(entry, json_get(x->old, "manifests"))
	{
		if (!str_eq(shared_key(entry), key))
			continue;
		cJSON_AddItemToArray(x->entries, cJSON_Duplicate(entry, true));
		return true;
	}
	return false;
}

static int export_step(struct exporting *x, const struct solution_step *step, struct err *err)
{
	const struct sofar *stage = &x->solution->built[step->stage];
	const struct build_options plain = { 0 };
	const struct strv none = { 0 };
	AUTO(buildstep) struct buildstep *record = NULL;
	AUTO(build_committed) struct build_committed made = { 0 };
	AUTO(sofar) struct sofar image = { 0 };

	if (!stage->config || buildcache_find(x->engine->store, step->key, &record) < 0)
		return 0; /* of a stage that failed, or forgotten already */
	const size_t end = end_of(stage, record);
	const bool linked = record->layer && !record->below && end > 1;
	make_image(stage, record, linked ? end - 1 : 0, end, &image);
	int r = build_commit(x->engine, &plain, &none, &none, &image, x->helper, &made, err);
	if (r < 0)
		return r;
	strv_add(&x->made, made.id);
	return push_committed(x, &made, step->key, err);
}

static void drop_images(struct exporting *x)
{
	const struct image_delete_options delete = { .force = true };

	for (size_t i = 0; i < x->made.count; i++) {
		AUTO(image_deleted) struct image_deleted gone = { 0 };
		(void)!image_delete(x->engine, x->made.items[i], &delete, &gone,
				    NULL); /* else prune does */
	}
	strv_clear(&x->made);
}

/* Entries that are not ours, behind ours: of too many the last go. */
static void keep_old(struct exporting *x, const cJSON *old)
{
	const cJSON *entry;

	cJSON_ArrayForEach(entry, json_get(old, "manifests"))
	{
		const char *key = shared_key(entry);
		const cJSON *mine;
		bool again = !key || cJSON_GetArraySize(x->entries) >= ENTRIES_MAX;
		cJSON_ArrayForEach(mine, x->entries) again = again || str_eq(shared_key(mine), key);
		if (!again)
			cJSON_AddItemToArray(x->entries, cJSON_Duplicate(entry, true));
	}
}

static int put_index(struct exporting *x, const char *name, struct err *err)
{
	AUTO(json) cJSON *doc = cJSON_CreateObject();
	AUTO(json) cJSON *old = NULL;
	AUTO(mem) char *digest = NULL;

	/* Others may have written meanwhile. */
	int r = shared_index(x->engine, name, &x->options->access, &old, err);
	if (r < 0 && r != -ENOENT)
		return r;
	err_clear(err);
	keep_old(x, old);
	cJSON_AddNumberToObject(doc, "schemaVersion", 2);
	cJSON_AddStringToObject(doc, "mediaType", MEDIA_OCI_INDEX);
	cJSON_AddItemReferenceToObject(doc, "manifests", x->entries);
	AUTO(mem) char *text = json_print(doc, 0);
	return push_document(x->push, text, strlen(text), MEDIA_OCI_INDEX, &digest, err);
}

static int export_to(struct exporting *x, const struct build_cache_to *to, struct err *err)
{
	const struct push_options options = { .registry = x->options->access,
					      .level = PUSH_LEVEL_DEFAULT };
	AUTO(push) struct push *push = NULL;
	AUTO(json) cJSON *entries = cJSON_CreateArray();
	AUTO(json) cJSON *old = NULL;
	AUTO(mem) char *name = NULL;

	int r = shared_name(to->ref, &name, err);
	if (r == 0)
		r = shared_index(x->engine, name, &x->options->access, &old, err);
	if (r == -ENOENT) {
		err_clear(err);
		r = 0;
	}
	if (r == 0)
		r = push_open(x->engine, name, &options, &push, err);
	x->push = push;
	x->entries = entries;
	x->old = old;
	for (size_t i = 0; r == 0 && i < x->solution->step_count; i++)
		if ((x->solution->steps[i].upon || !to->less) &&
		    !is_there(x, x->solution->steps[i].key))
			r = export_step(x, &x->solution->steps[i], err);
	return r < 0 ? r : put_index(x, name, err);
}

int shared_export(struct engine *engine, const struct build_options *options,
		  const struct solution *solution, struct layer_helper *helper, struct err *err)
{
	struct exporting x = {
		.engine = engine, .options = options, .solution = solution, .helper = helper
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < options->cache_to.count; i++) {
		const struct build_cache_to *to = &options->cache_to.items[i];
		r = export_to(&x, to, err);
		if (r < 0)
			r = err_wrap(err, "cannot keep the steps in '%s'", to->ref);
	}
	drop_images(&x);
	return r;
}
