/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_list - lists of images for several machines
 */
#include "store/image_list.h"

#include <errno.h>

#include "oci/media.h"
#include "store/blob.h"

enum { MAX_DEPTH = 3 };

static int read_index(const struct store *store, const char *digest, const char *media_type,
		      struct image_index **out, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;
	int r = blob_read(store, digest, &text, &size, err);

	return r < 0 ? r : image_index_parse(text, size, media_type, out, err);
}

int image_list_index(const struct store *store, const struct image *list, struct image_index **out,
		     struct err *err)
{
	int r = read_index(store, list->digest, list->media_type, out, err);

	return r < 0 ? err_wrap(err, "cannot read the list '%s'", str_or(list->name, list->id)) : 0;
}

static void add_manifest(const struct store *store, const struct descriptor *d, struct strv *out)
{
	AUTO(manifest) struct manifest *manifest = NULL;
	AUTO(mem) char *text = NULL;
	size_t size;

	/* What is not here needs nothing. */
	if (blob_read(store, d->digest, &text, &size, NULL) < 0 ||
	    manifest_parse(text, size, d->media_type, &manifest, NULL) < 0)
		return;
	strv_add(out, manifest->config.digest);
	for (size_t i = 0; i < manifest->layers.count; i++)
		strv_add(out, manifest->layers.items[i].digest);
}

static int add_index(const struct store *store, const char *digest, const char *media_type,
		     int depth, struct strv *out)
{
	AUTO(image_index) struct image_index *index = NULL;
	int r = depth ? read_index(store, digest, media_type, &index, NULL) : -ELOOP;

	for (size_t i = 0; r == 0 && i < index->manifests.count; i++) {
		const struct descriptor *d = &index->manifests.items[i];
		strv_add(out, d->digest);
		if (media_kind(d->media_type) != MEDIA_KIND_INDEX)
			add_manifest(store, d, out);
		else if (blob_state(store, d->digest, NULL) != BLOB_NONE)
			r = add_index(store, d->digest, d->media_type, depth - 1, out);
	}
	return r;
}

int image_list_blobs(const struct store *store, const struct image *list, struct strv *out)
{
	strv_add(out, list->digest);
	return add_index(store, list->digest, list->media_type, MAX_DEPTH, out);
}

void images_tied(const struct store *store, const struct images *images, struct strv *out)
{
	AUTO(strv) struct strv listed = { 0 };

	for (size_t i = 0; i < images->count; i++)
		if (images->items[i].list && images->items[i].name && !images->items[i].store)
			(void)!image_list_blobs(store, &images->items[i], &listed);
	for (size_t i = 0; i < images->count; i++) {
		const struct image *image = &images->items[i];
		if (image->id && !image->store &&
		    (image->name || strv_find(&listed, image->digest) >= 0))
			strv_add(out, image->id);
	}
}

static const struct image *by_digest(const struct images *images, const char *digest)
{
	for (size_t i = 0; i < images->count; i++)
		if (str_eq(images->items[i].digest, digest))
			return &images->items[i];
	return NULL;
}

int image_list_choose(const struct store *store, const struct images *images,
		      const struct image *list, const struct platform *want, struct image **out,
		      struct err *err)
{
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(platform) struct platform host = { 0 };
	const char *name = str_or(list->name, list->id);

	int r = image_list_index(store, list, &index, err);
	if (r < 0)
		return r;
	platform_host(str_or(store->machine, ""), &host);
	r = image_index_choose(index, want ? want : &host, err);
	if (r < 0) {
		/* Nobody shall look for it elsewhere. */
		if (err)
			err->code = -EINVAL;
		(void)err_wrap(err, "cannot use the list '%s'", name);
		return -EINVAL;
	}
	const struct image *image = by_digest(images, index->manifests.items[r].digest);
	if (!image || image->list) {
		(void)err_set(err, -EINVAL, "the list '%s' names an image that is not here: '%s'",
			      name, index->manifests.items[r].digest);
		return err_hint(err, "pull it by this digest from where it is");
	}
	*out = image_copy(image);
	str_set(&(*out)->name, list->name);
	return 0;
}
