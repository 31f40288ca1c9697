/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * push_plan - how an image shall look in a registry
 */
#include "engine/push_plan.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "layer/job.h"
#include "oci/media.h"
#include "remote/protocol.h"

#define CHUNKED_NOTE "io.github.containers.zstd-chunked.manifest-checksum"

/* Names of what layers can be compressed by. */
static const struct packing {
	const char *name;
	enum media_packing media;
	int layer; /* enum layer_packing */
} packings[] = {
	{ "gzip", MEDIA_GZIP, LAYER_PACKED_GZIP },
	{ "zstd", MEDIA_ZSTD, LAYER_PACKED_ZSTD },
	{ "zstd:chunked", MEDIA_ZSTD, LAYER_PACKED_CHUNKED },
};

static const struct packing *find_packing(const char *name)
{
	for (size_t i = 0; i < array_len(packings); i++)
		if (str_eq(packings[i].name, name))
			return &packings[i];
	return NULL;
}

/* A table of contents is not seen in the type. */
static bool is_packed_so(const struct descriptor *d, const struct packing *want)
{
	if (media_packing(d->media_type) != want->media)
		return false;
	for (size_t i = 0; i < d->annotations.count; i++)
		if (str_starts(d->annotations.items[i], CHUNKED_NOTE "="))
			return true;
	return want->layer != LAYER_PACKED_CHUNKED;
}

static bool must_pack(const struct push_options *o, const struct packing *want,
		      const struct descriptor *d)
{
	/* Who gives a level, too, wants it made anew. */
	return media_packing(d->media_type) == MEDIA_PLAIN ||
	       (o->force && (!is_packed_so(d, want) || o->level != PUSH_LEVEL_DEFAULT));
}

/* The number of a blob, added when it is new. */
static size_t add_blob(struct push_plan *plan, const struct push_blob *blob)
{
	for (size_t i = 0; i < plan->blobs.count; i++)
		if (str_eq(plan->blobs.items[i].from, blob->from))
			return i;
	*vec_push(&plan->blobs) = *blob;
	return plan->blobs.count - 1;
}

/* Of a layer, @plain is its diff id. */
static void add_kept(struct push_plan *plan, const struct descriptor *d, const char *plain,
		     size_t *out)
{
	const struct push_blob blob = { .from = d->digest,
					.from_size = d->size,
					.size = d->size,
					.packing = plan->anew,
					.level = plan->level,
					.plain = plain };
	size_t before = plan->blobs.count;

	*out = add_blob(plan, &blob);
	if (plan->blobs.count > before)
		plan->blobs.items[before].digest = str_dup(d->digest);
}

static void add_packed(struct push_plan *plan, const struct descriptor *d, const char *plain,
		       const struct packing *want, const struct sent *sent, size_t *out)
{
	const struct sent_packed *known = sent_find_packed(sent, plain, want->name, plan->level);
	const struct push_blob blob = { .from = d->digest,
					.from_size = d->size,
					.size = known ? known->size : 0,
					.pack = true,
					.packing = want->layer,
					.level = plan->level,
					.plain = plain };
	size_t before = plan->blobs.count;

	plan->changed = true;
	*out = add_blob(plan, &blob);
	if (!known || plan->blobs.count == before)
		return;
	plan->blobs.items[before].digest = str_dup(known->digest);
	strv_extend(&plan->blobs.items[before].notes, &known->notes);
}

static int refuse_zstd(struct err *err)
{
	err_set(err, -EINVAL, "images in docker's form (v2s2) have no layers compressed by zstd");
	(void)err_hint(err, "use --format oci, or --compression-format gzip");
	return -EINVAL;
}

static int add_layers(const struct push_options *options, const struct manifest *manifest,
		      const struct image_config *config, const struct sent *sent,
		      struct push_plan *plan, bool *out_zstd, struct err *err)
{
	const struct packing *want = find_packing(str_or(options->packing, "gzip"));

	if (!want)
		return err_set(err, -EINVAL, "there is no compression '%s'", options->packing);
	plan->packing = want->name;
	plan->level = options->level;
	plan->anew = want->layer;
	for (size_t i = 0; i < manifest->layers.count; i++) {
		const struct descriptor *d = &manifest->layers.items[i];
		enum media_packing is = media_packing(d->media_type);
		bool pack = must_pack(options, want, d);
		if (pack)
			add_packed(plan, d, config->diff_ids.items[i], want, sent,
				   &plan->layers[i]);
		else
			add_kept(plan, d, config->diff_ids.items[i], &plan->layers[i]);
		*out_zstd = *out_zstd || (pack ? want->media : is) == MEDIA_ZSTD;
	}
	return 0;
}

int push_plan_make(const struct push_options *options, const struct manifest *manifest,
		   const struct image_config *config, const struct sent *sent,
		   struct push_plan *out, struct err *err)
{
	bool was_docker = media_is_docker(manifest->media_type), zstd = false;
	size_t at;

	int r = config ? image_config_check(config, manifest, err) : 0;
	if (r < 0)
		return r;
	if (!config) {
		for (size_t i = 0; i < manifest->layers.count; i++)
			add_kept(out, &manifest->layers.items[i], NULL, &at);
		add_kept(out, &manifest->config, NULL, &at);
		return 0;
	}
	out->layer_count = manifest->layers.count;
	out->layers = mem_alloc(out->layer_count, sizeof *out->layers);
	r = add_layers(options, manifest, config, sent, out, &zstd, err);
	if (r < 0)
		return r;
	add_kept(out, &manifest->config, NULL, &at);
	out->docker = options->format == PUSH_FORMAT_AS_IT_IS
			      ? was_docker
			      : options->format == PUSH_FORMAT_DOCKER;
	if (out->docker && zstd && options->format == PUSH_FORMAT_DOCKER)
		return refuse_zstd(err);
	/* Only one of the forms has it. */
	if (zstd && options->packing)
		out->docker = false;
	out->changed = out->changed || out->docker != was_docker;
	return 0;
}

/* ---- the manifest ----------------------------------------------------------------------------- */

static void set_text(cJSON *object, const char *key, const char *text)
{
	cJSON *new = cJSON_CreateString(text);

	if (!cJSON_ReplaceItemInObjectCaseSensitive(object, key, new))
		cJSON_AddItemToObject(object, key, new);
}

static void set_number(cJSON *object, const char *key, int64_t number)
{
	cJSON *new = cJSON_CreateNumber((double)number);

	if (!cJSON_ReplaceItemInObjectCaseSensitive(object, key, new))
		cJSON_AddItemToObject(object, key, new);
}

static void add_notes(cJSON *layer, const struct strv *notes)
{
	cJSON *object = notes->count ? cJSON_AddObjectToObject(layer, "annotations") : NULL;

	for (size_t i = 0; i < notes->count; i++) {
		AUTO(mem) char *key = str_dup(notes->items[i]);
		const char *value = str_cut(key, '=');
		cJSON_AddStringToObject(object, key, value);
	}
}

static void rewrite_layer(const struct push_plan *plan, cJSON *layer, const struct push_blob *blob)
{
	enum media_packing packing = media_packing(json_text(layer, "mediaType"));

	for (size_t i = 0; blob->pack && i < array_len(packings); i++)
		if (packings[i].layer == blob->packing)
			packing = packings[i].media;
	set_text(layer, "mediaType", media_layer_type(packing, plan->docker));
	set_text(layer, "digest", blob->digest);
	set_number(layer, "size", blob->size);
	/* What stood here was said of other bytes. */
	if (blob->pack || plan->docker)
		cJSON_DeleteItemFromObjectCaseSensitive(layer, "annotations");
	if (blob->pack && !plan->docker)
		add_notes(layer, &blob->notes);
}

static void rewrite_form(const struct push_plan *plan, cJSON *doc)
{
	static const char *const only_oci[] = { "annotations", "artifactType", "subject" };

	set_text(doc, "mediaType", plan->docker ? MEDIA_DOCKER_MANIFEST : MEDIA_OCI_MANIFEST);
	set_text(cJSON_GetObjectItemCaseSensitive(doc, "config"), "mediaType",
		 plan->docker ? MEDIA_DOCKER_CONFIG : MEDIA_OCI_CONFIG);
	for (size_t i = 0; plan->docker && i < array_len(only_oci); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(doc, only_oci[i]);
}

int push_plan_print(const struct push_plan *plan, const char *text, size_t size, char **out,
		    struct err *err)
{
	AUTO(json) cJSON *doc = NULL;
	size_t i = 0;
	cJSON *layer;

	int r = json_parse(text, size, &doc, err);
	if (r < 0)
		return err_wrap(err, "the image manifest is damaged");
	cJSON *layers = cJSON_GetObjectItemCaseSensitive(doc, "layers");
	if ((size_t)cJSON_GetArraySize(layers) != plan->layer_count)
		return err_set(err, -EBADMSG, "the image manifest is damaged");
	cJSON_ArrayForEach(layer, layers)
	{
		rewrite_layer(plan, layer, &plan->blobs.items[plan->layers[i]]);
		i++;
	}
	rewrite_form(plan, doc);
	*out = json_print(doc, 0);
	return 0;
}

void push_plan_clear(struct push_plan *plan)
{
	for (size_t i = 0; i < plan->blobs.count; i++) {
		free(plan->blobs.items[i].digest);
		free(plan->blobs.items[i].mount);
		free(plan->blobs.items[i].source);
		free(plan->blobs.items[i].stand_in);
		strv_clear(&plan->blobs.items[i].notes);
	}
	free(plan->blobs.items);
	free(plan->layers);
	*plan = (struct push_plan){ 0 };
}
