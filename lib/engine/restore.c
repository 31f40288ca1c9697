/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * restore - blobs made again of layers that are kept unpacked alone
 */
#include "engine/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/newimage.h"
#include "engine/unpack.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "store/blob.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/lock.h"

struct restoring {
	struct engine *engine;
	const struct image *image;
	struct manifest *manifest;
	struct image_config *config;
	struct unpacker *unpacker;
	struct layer_helper *helper;
	bool changed; /* .manifest is another one now */
	int *locks;   /* LOCK_BLOB, one for each layer, or -1: until the image is entered */
};

static void auto_restoring(struct restoring *r)
{
	for (size_t i = 0; r->locks && i < r->manifest->layers.count; i++)
		fd_close(r->locks[i]);
	free(r->locks);
	layer_helper_close(r->helper);
	unpacker_free(r->unpacker);
	manifest_free(r->manifest);
	image_config_free(r->config);
}

static int begin(struct restoring *r, struct err *err)
{
	int result;

	if (r->helper)
		return 0;
	r->locks = mem_alloc(r->manifest->layers.count + 1, sizeof *r->locks);
	for (size_t i = 0; i < r->manifest->layers.count; i++)
		r->locks[i] = -1;
	result = image_config(r->engine->store, r->image, &r->config, err);
	if (result == 0)
		result = image_config_check(r->config, r->manifest, err);
	if (result == 0)
		result = unpacker_new(r->engine, &r->unpacker, err);
	return result < 0 ? result : unpacker_helper(r->unpacker, &r->helper, err);
}

static int refuse(const struct restoring *r, size_t at, struct err *err)
{
	(void)err_set(err, -ENOENT, "the blob '%.19s' is not in the store any more",
		      r->manifest->layers.items[at].digest);
	return err_hint(err, "pull the image again");
}

/* What the tar is made again of: the layer, and its recipe, or -1 where it needs none. */
static int find_layer(const struct restoring *r, size_t at, struct layer **out, int *out_recipe,
		      struct err *err)
{
	const struct store *store = r->engine->store;
	const struct strv *keys = &r->image->layers;
	AUTO(layer) struct layer *layer = NULL;
	int recipe = -1;

	if (at >= keys->count || layer_find(store, keys->items[at], NULL, &layer) < 0 ||
	    layer_store(store, layer))
		return refuse(r, at, err);
	if (!layer->packed) {
		AUTO(mem) char *rel = layer_recipe_rel(store, layer);
		recipe = openat(store->dir, rel, O_RDONLY | O_CLOEXEC);
		if (recipe < 0)
			return refuse(r, at, err);
	}
	*out_recipe = recipe;
	*out = take_ptr(layer);
	return 0;
}

static int make_tar(const struct restoring *r, int recipe, int diff, int to,
		    struct layer_digest *out, struct err *err)
{
	const struct layer_pack pack = {
		.dir = diff, .out = to, .kind = LAYER_PACK_LAYER, .store = -1
	};

	return recipe < 0 ? layer_pack(r->helper, &pack, out, err)
			  : layer_follow(r->helper, recipe, diff, to, out, err);
}

/* Makes the tar in a temporary blob, and checks it. */
static int follow(const struct restoring *r, size_t at, int to, struct err *err)
{
	AUTO(layer_digest) struct layer_digest tar = { 0 };
	AUTO(layer) struct layer *layer = NULL;

	AUTO(fd) int recipe = -1;
	int result = find_layer(r, at, &layer, &recipe, err);
	if (result < 0)
		return result;
	AUTO(fd) int diff = layer_open(layer);
	if (diff < 0)
		return err_sys(err, diff, "cannot open '%s'", layer->path);
	result = make_tar(r, recipe, diff, to, &tar, err);
	if (result == 0 && str_eq(tar.digest, r->config->diff_ids.items[at]))
		return 0;
	if (result == 0)
		result = err_set(err, -EBADMSG, "its files are not those that were unpacked");
	(void)err_wrap(err, "cannot make the layer '%.12s' again", layer->key);
	(void)err_hint(err, "was '%s' changed? remove the image and %s it again", layer->path,
		       layer->packed ? "build" : "pull");
	return result;
}

static int make_blob(const struct restoring *r, size_t at, const char *diff_id, struct err *err)
{
	const struct store *store = r->engine->store;
	AUTO(blob_tmp) struct blob_tmp *tmp = NULL;

	if (blob_state_own(store, diff_id, NULL) == BLOB_DURABLE)
		return 0;
	int result = blob_tmp_new(store, &tmp, err);
	if (result < 0)
		return result;
	result = follow(r, at, tmp->fd, err);
	if (result == 0)
		result = blob_tmp_commit(store, tmp, diff_id, true, err);
	if (result < 0)
		blob_tmp_drop(store, tmp);
	return result;
}

static const char *plain_type(const struct restoring *r)
{
	return media_equal(r->manifest->media_type, MEDIA_DOCKER_MANIFEST) ? MEDIA_DOCKER_LAYER
									   : MEDIA_OCI_LAYER;
}

static int restore_layer(struct restoring *r, size_t at, struct err *err)
{
	const struct store *store = r->engine->store;
	struct descriptor *d = &r->manifest->layers.items[at];

	if (blob_state(store, d->digest, NULL) != BLOB_NONE)
		return 0;
	int result = begin(r, err);
	if (result < 0)
		return result;
	const char *diff_id = r->config->diff_ids.items[at];
	/* Whoever else holds it wants the blob to stay as well. */
	(void)!lock_take(store, LOCK_BLOB, diff_id, LOCK_SHARED | LOCK_TRY, &r->locks[at], NULL);
	result = make_blob(r, at, diff_id, err);
	if (result < 0 || str_eq(d->digest, diff_id))
		return result;
	(void)blob_state(store, diff_id, &d->size);
	str_set(&d->digest, diff_id);
	str_set(&d->media_type, plain_type(r));
	r->changed = true;
	return 0;
}

static int enter(struct restoring *r, struct image **out, struct err *err)
{
	const struct image *old = r->image;
	AUTO(layer_digest) struct layer_digest document = { 0 };
	AUTO(mem) char *text = manifest_print(r->manifest);

	int result = newimage_document(r->engine, r->helper, text, &document, err);
	if (result < 0)
		return result;
	struct image now = *old; /* borrows all texts */
	now.digest = document.digest;
	now.media_type = r->manifest->media_type;
	now.manifest_size = document.size;
	result = image_replace(r->engine->store, old->digest, &now, err);
	if (result < 0)
		return result;
	*out = image_copy(&now);
	return 0;
}

bool restore_possible(struct engine *engine, const struct image *image)
{
	AUTO(restoring) struct restoring r = { .engine = engine, .image = image };
	bool missing = false;

	if (image_manifest(engine->store, image, &r.manifest, NULL) < 0)
		return false;
	for (size_t i = 0; i < r.manifest->layers.count; i++) {
		AUTO(layer) struct layer *layer = NULL;
		if (blob_state(engine->store, r.manifest->layers.items[i].digest, NULL) !=
		    BLOB_NONE)
			continue;
		AUTO(fd) int recipe = -1;
		if (find_layer(&r, i, &layer, &recipe, NULL) < 0)
			return false;
		missing = true;
	}
	return missing;
}

int restore_image(struct engine *engine, const struct image *image, struct image **out,
		  struct err *err)
{
	AUTO(restoring) struct restoring r = { .engine = engine, .image = image };

	int result = image_manifest(engine->store, image, &r.manifest, err);
	for (size_t i = 0; result == 0 && i < r.manifest->layers.count; i++)
		result = restore_layer(&r, i, err);
	if (result < 0)
		return result;
	if (r.changed)
		return enter(&r, out, err);
	*out = image_copy(image);
	return 0;
}
