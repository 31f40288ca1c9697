/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save_plan - which images go into an archive or a folder, as which files
 *
 * docker's archive needs plain layers, whose digests are the diff ids, and knows no manifests. It is kept to
 * what every docker since 1.10, podman and skopeo read: no OCI layout beside it, as docker 25 writes.
 */
#include "engine/save_plan.h"

#include <errno.h>

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

	int r = save_parts_blob(engine, plan, &saved->manifest->layers.items[at], name,
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
	int r = save_parts_blob(engine, plan, &m->config, config, NULL, err);
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
	struct layer_part *part = save_parts_add(plan, str_dup("manifest.json"));
	part->text = json_print(list, 0);
	save_parts_sort(plan);
	return 0;
}

/* --- OCI layout ------------------------------------------------------------------------------- */

static int add_oci_image(struct engine *engine, struct save_plan *plan,
			 const struct save_item *saved, struct err *err)
{
	const struct manifest *m = saved->manifest;
	const struct descriptor manifest = { .digest = saved->image->digest,
					     .size = saved->image->manifest_size };
	const struct descriptor *blobs[] = { &manifest, &m->config };
	int r = 0;

	for (size_t i = 0; r == 0 && i < array_len(blobs) + m->layers.count; i++) {
		const struct descriptor *d =
			i < array_len(blobs) ? blobs[i] : &m->layers.items[i - array_len(blobs)];
		AUTO(mem) char *name = save_parts_layout_name(d->digest);
		r = save_parts_blob(engine, plan, d, name, NULL, err);
	}
	return r;
}

int save_plan_layout(struct engine *engine, struct save_plan *plan, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->count; i++)
		r = add_oci_image(engine, plan, &plan->items[i], err);
	if (r == 0)
		save_parts_layout(plan);
	return r;
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
	save_parts_dir(plan);
	int r = save_parts_blob(engine, plan, &m->config, digest_hex(m->config.digest), NULL, err);
	for (size_t i = 0; r == 0 && i < m->layers.count; i++)
		r = save_parts_blob(engine, plan, &m->layers.items[i],
				    digest_hex(m->layers.items[i].digest), NULL, err);
	if (r < 0)
		return r;
	struct layer_part *part = save_parts_add(plan, str_dup("manifest.json"));
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
