/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_images - whether images have all that they need, and blobs hash to their names
 *
 * Blobs first: a damaged one that is dropped shows as missing in what follows.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "engine/check.h"
#include "engine/tidy.h"
#include "layer/client.h"
#include "oci/digest.h"
#include "store/blob.h"
#include "store/buildcache.h"
#include "store/image_list.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/lock.h"
#include "store/record.h"

struct check {
	struct engine *engine;
	const struct store *store;
	unsigned int flags;
	int64_t before; /* ns since the epoch: what nobody needs and is younger stays */
	struct check_report *out;
	struct strv blobs;  /* digests that images need */
	struct strv layers; /* keys that images and containers need */
	struct strv cached; /* keys that the build cache names */
	struct strv seen;   /* digests of images looked at: names share them */
	bool unknown;	    /* some image cannot say what it needs */
	struct temps gone;
};

static void auto_check(struct check *check)
{
	strv_clear(&check->blobs);
	strv_clear(&check->layers);
	strv_clear(&check->cached);
	strv_clear(&check->seen);
	temps_clear(&check->gone);
}

static bool repair(const struct check *check)
{
	return check->flags & CHECK_REPAIR;
}

/* ---- the index -------------------------------------------------------------------------------- */

static int check_index(struct check *check, struct images *out, struct err *err)
{
	AUTO(err) struct err why = { 0 };
	size_t count = 0;
	int r = images_load(check->store, out, &why);

	if (r != -EBADMSG)
		return r < 0 ? err_move(err, &why) : 0;
	if (repair(check) && !(check->flags & CHECK_UNUSED))
		r = images_rebuild(check->store, &count, err);
	check_add(check->out, str_dup("index.json"), r == 0, "the list of images is damaged");
	check->unknown = r < 0;
	return r == 0 ? images_load(check->store, out, err) : 0;
}

/* ---- blobs ------------------------------------------------------------------------------------ */

static bool hashes_right(struct layer_helper *helper, const struct store *store, const char *digest)
{
	AUTO(layer_digest) struct layer_digest found = { 0 };
	AUTO(fd) int fd = blob_open(store, digest, NULL);

	return fd >= 0 && layer_ingest(helper, fd, -1, 0, &found, NULL) == 0 &&
	       str_eq(found.digest, digest);
}

static void drop_blob(const struct check *check, const char *digest, const char *why)
{
	bool mended = repair(check) && blob_remove(check->store, digest) == 0;

	check_add(check->out, str_fmt("blob %.19s", digest), mended, "%s", why);
}

typedef void (*blob_fn)(struct check *check, const char *digest, void *data);

static void hash_one(struct check *check, const char *digest, void *helper)
{
	if (!hashes_right(helper, check->store, digest))
		drop_blob(check, digest, "its bytes do not hash to its name");
}

static bool is_young(const struct check *check, const char *folder, const char *name)
{
	AUTO(mem) char *rel = str_fmt("%s/%s", folder, name);
	struct stat st;

	return fstatat(check->store->dir, rel, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_ctim.tv_sec * CLOCK_SECOND + st.st_ctim.tv_nsec > check->before;
}

static void find_orphan(struct check *check, const char *digest, unused_arg void *data)
{
	if (strv_find(&check->blobs, digest) >= 0 ||
	    is_young(check, "blobs/sha256", digest_hex(digest)))
		return;
	bool mended = repair(check) && blob_remove(check->store, digest) == 0;
	check_add_spare(check->out, str_fmt("blob %.19s", digest), mended, "no image needs it");
}

/* Those that somebody fetches or is about to enter are passed over. */
static int each_blob(struct check *check, blob_fn fn, void *data, struct err *err)
{
	int fd = openat(check->store->dir, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		int r = -errno;
		fd_close(fd);
		return err_sys(err, r, "cannot read '%s/blobs/sha256'", check->store->path);
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		AUTO(mem) char *digest = str_fmt(DIGEST_PREFIX "%s", e->d_name);
		AUTO(fd) int lock = -1;
		if (digest_valid(digest) &&
		    lock_take(check->store, LOCK_BLOB, digest, LOCK_TRY, &lock, NULL) == 0)
			fn(check, digest, data);
	}
	closedir(dir);
	return 0;
}

static int hash_blobs(struct check *check, struct err *err)
{
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(mem) char *program = host_helper(check->engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };

	if (check->flags & CHECK_QUICK)
		return 0;
	int r = layer_helper_open(&host, &helper, err);
	return r < 0 ? r : each_blob(check, hash_one, helper, err);
}

/* ---- images ----------------------------------------------------------------------------------- */

static char *shown(const struct image *image)
{
	return str_fmt("image '%s'", str_or(image->name, str_or(image->id, image->digest)));
}

static void drop_image(struct check *check, const struct image *image, const char *why)
{
	bool mended = repair(check) &&
		      image_remove(check->store, image, &check->layers, &check->gone, NULL) == 0;

	check_add(check->out, shown(image), mended, "%s", why);
}

static void note_needs(struct check *check, const struct manifest *manifest,
		       const struct image *image)
{
	strv_add(&check->blobs, image->digest);
	strv_add(&check->blobs, manifest->config.digest);
	for (size_t i = 0; i < manifest->layers.count; i++)
		strv_add(&check->blobs, manifest->layers.items[i].digest);
	strv_extend(&check->layers, &image->layers);
}

/* A layer is there unpacked, or packed so that it can be applied again. */
static bool has_layers(const struct check *check, const struct image *image,
		       const struct manifest *manifest)
{
	for (size_t i = 0; i < image->layers.count; i++) {
		bool packed = i < manifest->layers.count &&
			      blob_state(check->store, manifest->layers.items[i].digest, NULL) !=
				      BLOB_NONE;
		if (!packed && layer_find(check->store, image->layers.items[i], NULL, NULL) < 0)
			return false;
	}
	return true;
}

static void check_image(struct check *check, const struct image *image)
{
	AUTO(manifest) struct manifest *manifest = NULL;
	AUTO(image_config) struct image_config *config = NULL;

	if (strv_find(&check->seen, image->digest) >= 0)
		return;
	strv_add(&check->seen, image->digest);
	if (image->list) {
		if (image_list_blobs(check->store, image, &check->blobs) < 0)
			drop_image(check, image, "its list cannot be read");
		return;
	}
	if (image_manifest(check->store, image, &manifest, NULL) < 0) {
		drop_image(check, image, "its manifest is missing or damaged; pull it again");
		check->unknown = check->unknown || !check->out->items[check->out->count - 1].mended;
		return;
	}
	if (image_config(check->store, image, &config, NULL) < 0)
		drop_image(check, image, "its config is missing or damaged; pull it again");
	else if (!has_layers(check, image, manifest))
		drop_image(check, image, "a layer is missing; pull it again");
	else
		note_needs(check, manifest, image);
}

/* ---- layers ----------------------------------------------------------------------------------- */

/* Containers keep their layers, whatever becomes of the image. */
static int note_containers(struct check *check, struct err *err)
{
	AUTO(strv) struct strv ids = { 0 };
	int r = record_list(check->store, &ids, err);

	for (size_t i = 0; r == 0 && i < ids.count; i++) {
		AUTO(container_config) struct container_config *config = NULL;
		if (record_config_load(check->store, ids.items[i], &config, NULL) == 0)
			container_config_layers(config, &check->layers);
	}
	return r;
}

static void check_layer(struct check *check, const char *key)
{
	AUTO(fd) int lock = -1;
	bool mended = false;

	if (lock_take(check->store, LOCK_LAYER, key, LOCK_TRY, &lock, NULL) < 0)
		return;
	bool needed = strv_find(&check->layers, key) >= 0;
	/* One that the build cache alone has and that is lost is made again. */
	if (!needed && strv_find(&check->cached, key) >= 0)
		return;
	if (needed ? layer_find(check->store, key, NULL, NULL) == 0
		   : is_young(check, "layers", key))
		return;
	if (repair(check))
		mended = layer_remove(check->store, key, &check->gone, NULL) == 0;
	AUTO(mem) char *what = str_fmt("layer %.12s", key);
	if (needed)
		check_add(check->out, take_ptr(what), mended,
			  "it is damaged, or may have been torn by a power cut");
	else
		check_add_spare(check->out, take_ptr(what), mended,
				"no image or container needs it");
}

static int check_layers(struct check *check, struct err *err)
{
	AUTO(strv) struct strv keys = { 0 };
	int r = layer_list(check->store, &keys, err);

	buildcache_layers(check->store, &check->cached);
	for (size_t i = 0; r == 0 && i < keys.count; i++)
		check_layer(check, keys.items[i]);
	return r;
}

int check_images(struct engine *engine, const struct check_options *options,
		 struct check_report *out, struct err *err)
{
	AUTO(check)
	struct check check = {
		.engine = engine,
		.store = engine->store,
		.flags = options->flags,
		.before = clock_now() - options->max_age,
		.out = out,
	};
	AUTO(images) struct images images = { 0 };

	int r = check_index(&check, &images, err);
	if (r == 0)
		r = hash_blobs(&check, err);
	if (r == 0)
		r = note_containers(&check, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < images.count; i++)
		check_image(&check, &images.items[i]);
	buildcache_blobs(engine->store, &check.blobs);
	if (!check.unknown)
		r = each_blob(&check, find_orphan, NULL, err);
	if (r == 0 && !check.unknown)
		r = check_layers(&check, err);
	int tidied = tidy_temps(engine, &check.gone, r < 0 ? NULL : err);
	return r < 0 ? r : tidied;
}
