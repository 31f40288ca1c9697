/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save_plan - which images go into an archive or a folder, as which files
 *
 * docker's archive needs plain layers, whose digests are the diff ids, and knows no manifests. It is kept to
 * what every docker since 1.10, podman and skopeo read: no OCI layout beside it, as docker 25 writes.
 */
#include "engine/save_plan.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "engine/image_platform.h"
#include "engine/restore.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "oci/reference.h"
#include "store/blob.h"
#include "store/event.h"
#include "store/images.h"
#include "store/layers.h"

static bool is_id(const struct image *image, const char *text)
{
	const char *hex = str_starts(text, DIGEST_PREFIX);

	return str_starts(image->id, hex ? hex : text) || str_eq(image->digest, text);
}

static struct save_item *find_saved(struct save_plan *plan, const char *digest)
{
	for (size_t i = 0; i < plan->count; i++)
		if (str_eq(plan->items[i].image->digest, digest))
			return &plan->items[i];
	return NULL;
}

static int load_item(struct engine *engine, struct save_item *item, struct err *err)
{
	int r = image_manifest(engine->store, item->image, &item->manifest, err);

	if (r == 0)
		r = image_config(engine->store, item->image, &item->config, err);
	return r < 0 ? r : image_config_check(item->config, item->manifest, err);
}

static void add_name(struct save_item *item, const char *name)
{
	if (strv_find(&item->names, name) < 0)
		strv_add(&item->names, name);
}

static int add_image(struct engine *engine, const char *text, const char *platform,
		     const struct strv *names, struct save_plan *out, struct err *err)
{
	AUTO(image) struct image *image = NULL;
	int r = image_find(engine->store, text, &image, err);

	if (r < 0)
		return r;
	/* Who asks by id saves no name. */
	AUTO(mem) char *known = is_id(image, text) ? NULL : str_dup(image->name);
	struct save_item *item = find_saved(out, image->digest);
	if (!item) {
		out->items = mem_push(out->items, &out->count, sizeof *item);
		item = &out->items[out->count - 1];
		r = restore_image(engine, image, &item->image, err);
		if (r < 0) {
			out->count--;
			return r;
		}
		r = load_item(engine, item, err);
	}
	if (r == 0)
		r = image_for_platform(engine, item->image, platform, err);
	if (r < 0)
		return r;
	for (size_t i = 0; names && i < names->count; i++)
		add_name(item, names->items[i]);
	if (!names && known)
		add_name(item, known);
	return 0;
}

int save_plan_add(struct engine *engine, const char *text, const char *platform,
		  const struct strv *names, struct save_plan *out, struct err *err)
{
	int r = add_image(engine, text, platform, names, out, err);

	return r < 0 ? err_wrap(err, "cannot save '%s'", text) : 0;
}

/* --- parts ------------------------------------------------------------------------------ */

static struct layer_part *add_part(struct save_plan *plan, char *name)
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

static int compare_parts(const void *a, const void *b)
{
	return strcmp(((const struct layer_part *)a)->name, ((const struct layer_part *)b)->name);
}

static void sort_parts(struct save_plan *plan)
{
	qsort(plan->parts.items, plan->parts.count, sizeof *plan->parts.items, compare_parts);
}

static char *blob_path(const char *digest)
{
	return str_fmt("blobs/sha256/%s", digest_hex(digest));
}

/* Where the helper finds it: in the store, or in one that is read too. */
static char *blob_place(const struct store *store, const char *digest)
{
	AUTO(mem) char *rel = blob_path(digest);

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

/* The folders of the names, as parts of their own, so that every reader finds them. */
static void add_folders(struct save_plan *plan)
{
	add_part(plan, str_dup("blobs/"));
	add_part(plan, str_dup("blobs/sha256/"));
}

static int add_blob(struct engine *engine, struct save_plan *plan, const struct descriptor *d,
		    const char *name, const char *diff_id, struct err *err)
{
	AUTO(mem) char *owned = str_dup(name);

	const char *packed = packed_path(plan, d->digest);
	if (has_part(plan, name))
		return 0;
	if (!packed && blob_state(engine->store, d->digest, NULL) == BLOB_NONE)
		return err_set(err, -ENOENT, "the blob '%s' is not in the store any more",
			       d->digest);
	struct layer_part *part = add_part(plan, take_ptr(owned));
	part->path = packed ? str_dup(packed) : blob_place(engine->store, d->digest);
	part->inflate = diff_id != NULL;
	part->digest = str_dup(diff_id ? diff_id : d->digest);
	return 0;
}

/* --- docker's archive ---------------------------------------------------------------------- */

/* How long a layer of an image is when it is plain; 0 when only inflating it would tell. */
static int64_t plain_size(const struct engine *engine, const struct save_item *saved, size_t at)
{
	const struct strv *keys = &saved->image->layers;
	const struct descriptor *d = &saved->manifest->layers.items[at];
	const char *diff_id = saved->config->diff_ids.items[at];
	AUTO(layer) struct layer *layer = NULL;

	if (str_eq(diff_id, d->digest))
		return d->size;
	if (at >= keys->count || layer_find(engine->store, keys->items[at], NULL, &layer) < 0)
		return 0;
	return str_eq(layer->diff_id, digest_hex(diff_id)) ? layer->tar_size : 0;
}

static int add_docker_layer(struct engine *engine, struct save_plan *plan,
			    const struct save_item *saved, size_t at, const char *name,
			    struct err *err)
{
	size_t before = plan->parts.count;

	int r = add_blob(engine, plan, &saved->manifest->layers.items[at], name,
			 saved->config->diff_ids.items[at], err);
	if (r == 0 && plan->parts.count > before)
		plan->parts.items[before].size = plain_size(engine, saved, at);
	return r;
}

static int add_docker_image(struct engine *engine, struct save_plan *plan,
			    const struct save_item *saved, cJSON *list, struct err *err)
{
	const struct manifest *m = saved->manifest;
	cJSON *entry = cJSON_CreateObject();
	AUTO(mem) char *config = str_fmt("%s.json", digest_hex(m->config.digest));

	cJSON_AddItemToArray(list, entry);
	cJSON_AddStringToObject(entry, "Config", config);
	cJSON *tags = cJSON_AddArrayToObject(entry, "RepoTags");
	for (size_t i = 0; i < saved->names.count; i++)
		cJSON_AddItemToArray(tags, cJSON_CreateString(saved->names.items[i]));
	cJSON *layers = cJSON_AddArrayToObject(entry, "Layers");
	int r = add_blob(engine, plan, &m->config, config, NULL, err);
	for (size_t i = 0; r == 0 && i < m->layers.count; i++) {
		const char *diff_id = saved->config->diff_ids.items[i];
		AUTO(mem) char *name = str_fmt("%s.tar", digest_hex(diff_id));
		cJSON_AddItemToArray(layers, cJSON_CreateString(name));
		r = add_docker_layer(engine, plan, saved, i, name, err);
	}
	return r;
}

int save_plan_docker(struct engine *engine, struct save_plan *plan, struct err *err)
{
	AUTO(json) cJSON *list = cJSON_CreateArray();
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->count; i++)
		r = add_docker_image(engine, plan, &plan->items[i], list, err);
	if (r < 0)
		return r;
	struct layer_part *part = add_part(plan, str_dup("manifest.json"));
	part->text = json_print(list, 0);
	sort_parts(plan);
	return 0;
}

/* --- OCI layout ------------------------------------------------------------------------------- */

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

static int add_oci_image(struct engine *engine, struct save_plan *plan,
			 const struct save_item *saved, struct image_index *index, struct err *err)
{
	const struct manifest *m = saved->manifest;
	const struct descriptor manifest = { .digest = saved->image->digest,
					     .size = saved->image->manifest_size };
	const struct descriptor *blobs[] = { &manifest, &m->config };
	int r = 0;

	for (size_t i = 0; r == 0 && i < array_len(blobs) + m->layers.count; i++) {
		const struct descriptor *d =
			i < array_len(blobs) ? blobs[i] : &m->layers.items[i - array_len(blobs)];
		AUTO(mem) char *name = blob_path(d->digest);
		r = add_blob(engine, plan, d, name, NULL, err);
	}
	for (size_t i = 0; i < saved->names.count; i++)
		add_entry(index, saved, saved->names.items[i]);
	if (!saved->names.count)
		add_entry(index, saved, NULL);
	return r;
}

int save_plan_layout(struct engine *engine, struct save_plan *plan, struct err *err)
{
	AUTO(image_index) struct image_index *index = mem_new(struct image_index);
	int r = 0;

	index->schema_version = 2;
	index->media_type = str_dup(MEDIA_OCI_INDEX);
	add_folders(plan);
	for (size_t i = 0; r == 0 && i < plan->count; i++)
		r = add_oci_image(engine, plan, &plan->items[i], index, err);
	if (r < 0)
		return r;
	struct layer_part *part = add_part(plan, str_dup("index.json"));
	part->text = image_index_print(index);
	part = add_part(plan, str_dup("oci-layout"));
	part->text = str_dup("{\"imageLayoutVersion\":\"1.0.0\"}");
	sort_parts(plan);
	return 0;
}

/* --- one image's folder ------------------------------------------------------------------------ */

/* What it says is the same in docker's words; the config is the same bytes. */
static char *docker_manifest(const struct manifest *m)
{
	static const char *const types[] = {
		[MEDIA_PLAIN] = MEDIA_DOCKER_LAYER,
		[MEDIA_GZIP] = MEDIA_DOCKER_LAYER_GZIP,
		[MEDIA_ZSTD] = MEDIA_DOCKER_LAYER_ZSTD,
	};
	AUTO(mem) struct descriptor *layers = mem_alloc(m->layers.count + 1, sizeof *layers);
	struct manifest docker = {
		.schema_version = 2,
		.media_type = (char *)MEDIA_DOCKER_MANIFEST,
		.config = { .media_type = (char *)MEDIA_DOCKER_CONFIG,
			    .digest = m->config.digest,
			    .size = m->config.size },
		.layers = { .items = layers, .count = m->layers.count },
	};

	for (size_t i = 0; i < m->layers.count; i++) {
		const struct descriptor *d = &m->layers.items[i];
		layers[i] = (struct descriptor){
			.media_type = (char *)types[media_packing(d->media_type)],
			.digest = d->digest,
			.size = d->size,
		};
	}
	return manifest_print(&docker);
}

int save_plan_dir(struct engine *engine, struct save_plan *plan, bool docker, struct err *err)
{
	const struct save_item *item = plan->items;
	const struct manifest *m = item->manifest;
	size_t size;

	if (plan->count != 1)
		return err_set(err, -EINVAL, "a folder of this kind holds one image");
	struct layer_part *part = add_part(plan, str_dup("version"));
	part->text = str_dup("Directory Transport Version: 1.1\n");
	int r = add_blob(engine, plan, &m->config, digest_hex(m->config.digest), NULL, err);
	for (size_t i = 0; r == 0 && i < m->layers.count; i++)
		r = add_blob(engine, plan, &m->layers.items[i],
			     digest_hex(m->layers.items[i].digest), NULL, err);
	if (r < 0)
		return r;
	part = add_part(plan, str_dup("manifest.json"));
	if (plan->packed.count || (docker && !media_equal(m->media_type, MEDIA_DOCKER_MANIFEST)))
		part->text = docker_manifest(m);
	else
		r = blob_read(engine->store, item->image->digest, &part->text, &size, err);
	return r;
}

/* --- the end --------------------------------------------------------------------------------- */

void save_plan_done(struct engine *engine, const struct save_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct save_item *item = &plan->items[i];
		event_named(engine->store, EVENT_IMAGE, EVENT_SAVE, item->image->id,
			    item->names.count ? item->names.items[0] : item->image->name);
	}
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
