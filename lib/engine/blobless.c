/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blobless - layers kept unpacked alone: dropping blobs
 */
#include "engine/blobless.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/unpack.h"
#include "oci/digest.h"
#include "store/blob.h"
#include "store/image_list.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/lock.h"
#include "store/temp.h"

struct dropping {
	struct engine *engine;
	struct unpacker *unpacker; /* once needed, likewise */
	struct layer_helper *helper;
	bool synced;
	struct strv drop; /* digests of blobs that may go */
	struct strv keep; /* digests that something still needs */
};

static void auto_dropping(struct dropping *d)
{
	layer_helper_close(d->helper);
	unpacker_free(d->unpacker);
	strv_clear(&d->drop);
	strv_clear(&d->keep);
}

static int need_helper(struct dropping *d, struct err *err)
{
	int r = d->helper ? 0 : unpacker_new(d->engine, &d->unpacker, err);

	return d->helper || r < 0 ? r : unpacker_helper(d->unpacker, &d->helper, err);
}

/* --- recipes -------------------------------------------------------------------------- */

static int make_recipe(struct dropping *d, const struct layer *layer, const char *blob,
		       const struct temp *temp, struct err *err)
{
	const struct store *store = d->engine->store;
	AUTO(layer_digest) struct layer_digest tar = { 0 };
	AUTO(mem) char *file = str_fmt("%s/recipe", temp->path);

	AUTO(fd) int from = blob_open(store, blob, err);
	if (from < 0)
		return from;
	AUTO(fd) int diff = layer_open(layer);
	AUTO(fd)
	int to = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, store_mode(store, 0600));
	if (diff < 0 || to < 0)
		return err_sys(err, diff < 0 ? diff : -errno, "cannot open the layer '%.12s'",
			       layer->key);
	int r = layer_recipe(d->helper, from, diff, to, &tar, err);
	if (r == 0 && !str_eq(digest_hex(tar.digest), layer->diff_id))
		r = err_set(err, -EBADMSG, "the blob '%.19s' is not the layer '%.12s'", blob,
			    layer->key);
	return r;
}

static int place_recipe(const struct store *store, const struct temp *temp, const char *rel,
			struct err *err)
{
	AUTO(mem) char *from = str_fmt("%s/recipe", temp->rel);
	AUTO(mem) char *parent = str_ndup(rel, strlen(rel) - strlen("/recipe"));

	if (renameat(store->dir, from, store->dir, rel) < 0)
		return err_sys(err, -errno, "cannot keep '%s'", rel);
	AUTO(fd) int dir = openat(store->dir, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fsync(dir) < 0)
		return err_sys(err, -errno, "cannot write '%s' to disk", parent);
	return 0;
}

static int keep_recipe(struct dropping *d, const struct layer *layer, const char *blob,
		       const char *rel, struct err *err)
{
	const struct store *store = d->engine->store;
	AUTO(temp) struct temp *temp = NULL;
	int r = need_helper(d, err);

	if (r == 0)
		r = temp_dir(store, 0700, &temp, err);
	if (r < 0)
		return r;
	r = make_recipe(d, layer, blob, temp, err);
	if (r == 0)
		r = place_recipe(store, temp, rel, err);
	(void)!temp_remove(store, temp); /* the next sweep tries again */
	return r;
}

/* What was pulled just now may not have reached the disk. */
static int make_durable(struct dropping *d, const struct layer *layer, struct err *err)
{
	const struct store *store = d->engine->store;

	if (layer->durable)
		return 0;
	if (!d->synced && syncfs(store->dir) < 0)
		return err_sys(err, -errno, "cannot write the layers to disk");
	d->synced = true;
	return layer_mark_durable(store, layer->key, err);
}

/* Return: 1 when this layer does not need the blob any more; 0 when it does. */
static int settle_layer(struct dropping *d, const char *key, const char *blob, struct err *err)
{
	const struct store *store = d->engine->store;
	AUTO(layer) struct layer *layer = NULL;
	AUTO(fd) int lock = -1;

	if (lock_take(store, LOCK_LAYER, key, LOCK_TRY, &lock, NULL) < 0 ||
	    layer_find(store, key, NULL, &layer) < 0 || layer_store(store, layer) || layer->file)
		return 0;
	AUTO(mem) char *rel = layer_recipe_rel(store, layer);
	int r = make_durable(d, layer, err);
	if (r == 0 && faccessat(store->dir, rel, F_OK, 0) < 0)
		r = keep_recipe(d, layer, blob, rel, err);
	return r < 0 ? err_wrap(err, "cannot drop the blob of the layer '%.12s'", key) : 1;
}

/* --- images ----------------------------------------------------------------------------- */

static void note(struct strv *list, const char *digest)
{
	if (strv_find(list, digest) < 0)
		strv_add(list, digest);
}

static int settle_image(struct dropping *d, const struct image *image, struct err *err)
{
	const struct store *store = d->engine->store;
	AUTO(manifest) struct manifest *manifest = NULL;
	int r = 0;

	/* What a list names is pushed with it, unpacked or not. */
	if (image->list) {
		(void)!image_list_blobs(store, image, &d->keep); /* as a damaged image's */
		return 0;
	}
	if (image_manifest(store, image, &manifest, NULL) < 0)
		return 0; /* a damaged one is system check's business */
	note(&d->keep, manifest->config.digest);
	for (size_t i = 0; r >= 0 && i < manifest->layers.count; i++) {
		const char *blob = manifest->layers.items[i].digest;
		if (blob_state_own(store, blob, NULL) == BLOB_NONE)
			continue;
		r = 0;
		if (i < image->layers.count)
			r = settle_layer(d, image->layers.items[i], blob, err);
		note(r > 0 ? &d->drop : &d->keep, blob);
	}
	return min_of(r, 0);
}

static void drop(const struct dropping *d, int64_t *out_bytes)
{
	const struct store *store = d->engine->store;
	int64_t size;

	for (size_t i = 0; i < d->drop.count; i++) {
		const char *blob = d->drop.items[i];
		AUTO(fd) int lock = -1;
		if (strv_find(&d->keep, blob) >= 0 ||
		    lock_take(store, LOCK_BLOB, blob, LOCK_TRY, &lock, NULL) < 0 ||
		    blob_state_own(store, blob, &size) == BLOB_NONE)
			continue;
		if (blob_remove(store, blob) == 0 && out_bytes)
			*out_bytes += size;
	}
}

int blobless_drop(struct engine *engine, int64_t *out_bytes, struct err *err)
{
	AUTO(dropping) struct dropping d = { .engine = engine };
	AUTO(images) struct images images = { 0 };

	int r = store_check_writable(engine->store, err);
	if (r == 0)
		r = images_load(engine->store, &images, err);
	for (size_t i = 0; r == 0 && i < images.count; i++)
		r = settle_image(&d, &images.items[i], err);
	if (r == 0)
		drop(&d, out_bytes);
	return r;
}

void blobless_settle(struct engine *engine)
{
	AUTO(err) struct err err = { 0 };

	if (engine->drop_blobs && blobless_drop(engine, NULL, &err) < 0)
		engine_warn(engine, "%s", err.text);
}
