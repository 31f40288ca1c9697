/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sofar - what a stage has come to: an image that is not in the index
 */
#include "build/sofar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "oci/media.h"

void sofar_add_layer(struct sofar *sofar, const char *layer, const char *diff_id,
		     const struct descriptor *blob)
{
	strv_add(&sofar->layers, layer);
	strv_add(&sofar->config->diff_ids, diff_id);
	descriptor_copy(vec_push(&sofar->blobs), blob);
}

void sofar_add_plain(struct sofar *sofar, const char *layer, const char *diff_id, int64_t tar_size)
{
	const struct descriptor blob = {
		.media_type = (char *)MEDIA_OCI_LAYER,
		.digest = (char *)diff_id,
		.size = tar_size,
	};

	sofar_add_layer(sofar, layer, diff_id, &blob);
}

void sofar_strip(struct sofar *sofar)
{
	struct image_histories *history = &sofar->config->history;

	strv_remove(&sofar->layers, sofar->layers.count - 1);
	strv_remove(&sofar->config->diff_ids, sofar->config->diff_ids.count - 1);
	descriptor_clear(&sofar->blobs.items[--sofar->blobs.count]);
	if (history->count) {
		struct image_histories last = { .items = mem_alloc(1, sizeof *last.items),
						.count = 1 };
		last.items[0] = history->items[--history->count];
		image_histories_clear(&last);
	}
}

const char *sofar_top(const struct sofar *sofar)
{
	return sofar->layers.count ? sofar->layers.items[sofar->layers.count - 1] : NULL;
}

/* The documents are those of images; the manifest's config is not there yet. */
static char *manifest_of(const struct sofar *sofar)
{
	const struct manifest manifest = {
		.schema_version = 2,
		.media_type = (char *)MEDIA_OCI_MANIFEST,
		.config = { .media_type = (char *)MEDIA_OCI_CONFIG,
			    .digest =
				    (char *)"sha256:"
					    "0000000000000000000000000000000000000000000000000000000000000000" },
		.layers = sofar->blobs,
	};

	return manifest_print(&manifest);
}

cJSON *sofar_save(const struct sofar *sofar)
{
	AUTO(mem) char *config = image_config_print(sofar->config);
	AUTO(mem) char *manifest = manifest_of(sofar);
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "config", config);
	cJSON_AddStringToObject(json, "manifest", manifest);
	cJSON_AddItemToObject(json, "layers",
			      cJSON_CreateStringArray((const char *const *)sofar->layers.items,
						      (int)sofar->layers.count));
	cJSON_AddStringToObject(json, "key", str_or(sofar->key, ""));
	cJSON_AddNumberToObject(json, "baseLayers", (double)sofar->base_layers);
	if (sofar->base)
		cJSON_AddStringToObject(json, "base", sofar->base);
	if (sofar->base_digest)
		cJSON_AddStringToObject(json, "baseDigest", sofar->base_digest);
	return json;
}

int sofar_load(const cJSON *json, struct sofar *out, struct err *err)
{
	AUTO(sofar) struct sofar sofar = { 0 };
	AUTO(manifest) struct manifest *manifest = NULL;
	const char *config = json_text(json, "config");
	const char *blobs = json_text(json, "manifest");

	if (!config || !blobs || json_strv(json, "layers", &sofar.layers) < 0 ||
	    json_i64(json, "baseLayers", &sofar.base_layers) < 0)
		return err_set(err, -EBADMSG, "a stage's result is damaged");
	int r = image_config_parse(config, strlen(config), &sofar.config, err);
	if (r == 0)
		r = manifest_parse(blobs, strlen(blobs), MEDIA_OCI_MANIFEST, &manifest, err);
	if (r < 0)
		return r;
	sofar.blobs = manifest->layers;
	manifest->layers = (struct descriptors){ 0 };
	sofar.key = str_dup(json_text(json, "key"));
	sofar.base = str_dup(json_text(json, "base"));
	sofar.base_digest = str_dup(json_text(json, "baseDigest"));
	*out = sofar;
	sofar = (struct sofar){ 0 };
	return 0;
}

void sofar_copy(struct sofar *to, const struct sofar *from)
{
	AUTO(json) cJSON *json = sofar_save(from);
	const int r = sofar_load(json, to, NULL);

	bug_unless(r == 0);
}

void sofar_clear(struct sofar *sofar)
{
	image_config_free(sofar->config);
	strv_clear(&sofar->layers);
	for (size_t i = 0; i < sofar->blobs.count; i++)
		descriptor_clear(&sofar->blobs.items[i]);
	free(sofar->blobs.items);
	free(sofar->key);
	free(sofar->base);
	free(sofar->base_digest);
	*sofar = (struct sofar){ 0 };
}
