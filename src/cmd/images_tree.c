/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * images_tree - images with the machines that they are for below them, as docker shows them
 */
#include "cmd/images_tree.h"

#include "cmd/image_row.h"
#include "engine/engine.h"
#include "oci/image.h"
#include "oci/reference.h"
#include "store/blob.h"
#include "store/images.h"

static const struct column columns[] = {
	{ "Image", "IMAGE" },
	{ "ID", "ID" },
	{ "DiskUsage", "DISK USAGE" },
	{ "ContentSize", "CONTENT SIZE" },
	{ NULL, NULL },
};

static const struct template_schema schema = { 0 };

static const struct table_spec spec = {
	.columns = columns,
	.schema = &schema,
	.standard = "{{.Image}}\\t{{.ID}}\\t{{.DiskUsage}}\\t{{.ContentSize}}",
};

/* Bytes of manifest, config and packed layers: as they are named, and as they are here. */
static void sum_content(const struct store *store, const struct image *image, int64_t *out_named,
			int64_t *out_here)
{
	AUTO(manifest) struct manifest *manifest = NULL;

	*out_named = *out_here = image->manifest_size;
	if (image_manifest(store, image, &manifest, NULL) < 0)
		return;
	*out_named += manifest->config.size;
	*out_here += manifest->config.size;
	for (size_t i = 0; i < manifest->layers.count; i++) {
		const struct descriptor *d = &manifest->layers.items[i];
		*out_named += d->size;
		if (blob_state(store, d->digest, NULL) != BLOB_NONE)
			*out_here += d->size;
	}
}

static void add_row(cJSON *rows, const char *image, const char *id, const char *disk,
		    const char *content)
{
	cJSON *row = cJSON_CreateObject();

	cJSON_AddStringToObject(row, "Image", image);
	cJSON_AddStringToObject(row, "ID", id);
	cJSON_AddStringToObject(row, "DiskUsage", disk);
	cJSON_AddStringToObject(row, "ContentSize", content);
	cJSON_AddItemToArray(rows, row);
}

static bool seen(const struct images *images, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(images->items[i].digest, images->items[at].digest))
			return true;
	return false;
}

/* The first name has the figures, the others stand below it. */
static void add_image(struct app *app, const struct images *images, size_t at, bool whole,
		      cJSON *rows)
{
	const struct image *image = &images->items[at];
	const char *sep = app_docker(app) ? "" : " ";
	int64_t named, here;

	sum_content(app->engine->store, image, &named, &here);
	AUTO(mem) char *id = image_id_text(image, whole);
	AUTO(mem) char *disk = str_decimal(image->size + here, sep);
	AUTO(mem) char *content = str_decimal(named, sep);
	AUTO(mem) char *platform = str_fmt("└─ %s", str_or(image->platform, "unknown"));
	for (size_t i = at; i < images->count; i++) {
		if (!str_eq(images->items[i].digest, image->digest))
			continue;
		AUTO(mem) char *name = reference_shown(images->items[i].name, app_docker(app));
		add_row(rows, str_or(name, "<untagged>"), i == at ? id : "", i == at ? disk : "",
			i == at ? content : "");
	}
	add_row(rows, platform, id, disk, content);
}

int images_tree_print(struct app *app, const struct images *images, const struct table_style *style,
		      struct err *err)
{
	AUTO(json) cJSON *rows = cJSON_CreateArray();

	for (size_t i = 0; i < images->count; i++)
		if (!seen(images, i))
			add_image(app, images, i, style->whole, rows);
	return table_print(&spec, style, rows, app->out, err);
}
