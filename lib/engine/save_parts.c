/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save_parts - the files of an archive or a folder that is planned
 */
#include "engine/save_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "oci/digest.h"
#include "oci/media.h"
#include "store/blob.h"

struct layer_part *save_parts_add(struct save_plan *plan, char *name)
{
	struct layer_part *part = vec_push(&plan->parts);

	part->name = name;
	return part;
}

static bool has_part(const struct save_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->parts.count; i++)
		if (str_eq(plan->parts.items[i].name, name))
			return true;
	return false;
}

/* Where the helper finds it: in the store, or in one that is read too. */
static char *blob_place(const struct store *store, const char *digest)
{
	AUTO(mem) char *rel = save_parts_layout_name(digest);

	for (size_t i = 0;
	     blob_state_own(store, digest, NULL) == BLOB_NONE && i < store->more.count; i++)
		if (blob_state_own(store->more.items[i], digest, NULL) != BLOB_NONE)
			return str_fmt("@%zu/%s", i + 1, rel);
	return take_ptr(rel);
}

static const char *packed_path(const struct save_plan *plan, const char *digest)
{
	for (size_t i = 0; i < plan->packed.count; i++)
		if (str_eq(plan->packed.items[i].digest, digest))
			return plan->packed.items[i].path;
	return NULL;
}

int save_parts_blob(struct engine *engine, struct save_plan *plan, const struct descriptor *d,
		    const char *name, const char *diff_id, struct err *err)
{
	AUTO(mem) char *owned = str_dup(name);

	const char *packed = packed_path(plan, d->digest);
	if (has_part(plan, name))
		return 0;
	if (!packed && blob_state(engine->store, d->digest, NULL) == BLOB_NONE)
		return err_set(err, -ENOENT, "the blob '%s' is not in the store any more",
			       d->digest);
	struct layer_part *part = save_parts_add(plan, take_ptr(owned));
	part->path = packed ? str_dup(packed) : blob_place(engine->store, d->digest);
	part->inflate = diff_id != NULL;
	part->digest = str_dup(diff_id ? diff_id : d->digest);
	return 0;
}

/* A store's blobs are named as a layout's. */
char *save_parts_layout_name(const char *digest)
{
	return str_fmt("blobs/sha256/%s", digest_hex(digest));
}

static void add_entry(struct image_index *index, const struct save_item *saved, const char *name)
{
	struct descriptor *d = vec_push(&index->manifests);

	*d = (struct descriptor){
		.media_type = str_dup(saved->image->media_type),
		.digest = str_dup(saved->image->digest),
		.size = saved->image->manifest_size,
	};
	if (name)
		strv_addf(&d->annotations, "org.opencontainers.image.ref.name=%s", name);
}

static char *print_index(const struct save_plan *plan)
{
	AUTO(image_index) struct image_index *index = mem_new(struct image_index);

	index->schema_version = 2;
	index->media_type = str_dup(MEDIA_OCI_INDEX);
	for (size_t i = 0; i < plan->count; i++) {
		const struct save_item *saved = &plan->items[i];
		for (size_t j = 0; j < saved->names.count; j++)
			add_entry(index, saved, saved->names.items[j]);
		if (!saved->names.count)
			add_entry(index, saved, NULL);
	}
	return image_index_print(index);
}

void save_parts_layout(struct save_plan *plan)
{
	/* The folders of the names, as parts of their own, so that every reader finds them. */
	save_parts_add(plan, str_dup("blobs/"));
	save_parts_add(plan, str_dup("blobs/sha256/"));
	save_parts_add(plan, str_dup("index.json"))->text = print_index(plan);
	save_parts_add(plan, str_dup("oci-layout"))->text =
		str_dup("{\"imageLayoutVersion\":\"1.0.0\"}");
	save_parts_sort(plan);
}

void save_parts_dir(struct save_plan *plan)
{
	save_parts_add(plan, str_dup("version"))->text =
		str_dup("Directory Transport Version: 1.1\n");
}

static int compare_parts(const void *a, const void *b)
{
	return strcmp(((const struct layer_part *)a)->name, ((const struct layer_part *)b)->name);
}

void save_parts_sort(struct save_plan *plan)
{
	qsort(plan->parts.items, plan->parts.count, sizeof *plan->parts.items, compare_parts);
}

static void parts_clear(struct layer_parts *parts)
{
	for (size_t i = 0; i < parts->count; i++) {
		struct layer_part *p = &parts->items[i];
		free(p->name);
		free(p->path);
		free(p->text);
		free(p->digest);
	}
	free(parts->items);
}

void save_plan_clear(struct save_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		image_free(plan->items[i].image);
		manifest_free(plan->items[i].manifest);
		image_config_free(plan->items[i].config);
		strv_clear(&plan->items[i].names);
	}
	free(plan->items);
	parts_clear(&plan->parts);
	parts_clear(&plan->packed);
	if (plan->temp)
		(void)!temp_remove(plan->store, plan->temp); /* the next sweep tries again */
	temp_free(plan->temp);
	*plan = (struct save_plan){ 0 };
}
