/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * disk - what takes how much of the disk, and what of it could be had back
 */
#include "engine/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/buildprune.h"
#include "engine/container.h"
#include "engine/sizes.h"
#include "oci/digest.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/record.h"

/* What is known while it is measured. */
struct measure {
	struct engine *engine;
	struct disk *disk;
	struct strv used_layers; /* of containers */
	struct strv used_images; /* ids of images of containers, once a container */
	struct strv used_blobs;	 /* of images that containers use */
};

static inline void auto_measure(struct measure *m)
{
	strv_clear(&m->used_layers);
	strv_clear(&m->used_images);
	strv_clear(&m->used_blobs);
}

static bool runs(const struct container_state *state)
{
	return state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED ||
	       state->status == CONTAINER_RESTARTING;
}

/* ---- containers ---- */

static int measure_containers(struct measure *m, struct err *err)
{
	struct disk *d = m->disk;
	AUTO(strv) struct strv damaged = { 0 };
	AUTO(strv) struct strv paths = { 0 };
	int r = container_states(m->engine, &damaged, &d->states, &d->container_count, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < d->container_count; i++) {
		AUTO(container_config) struct container_config *config = NULL;
		const struct container_state *state = d->states[i];
		strv_take(&paths, store_container_path(m->engine->store, state->id, "upper"));
		if (state->image_id)
			strv_add(&m->used_images, state->image_id);
		if (record_config_load(m->engine->store, state->id, &config, NULL) == 0)
			container_config_layers(config, &m->used_layers);
	}
	d->container_sizes = mem_alloc(d->container_count + 1, sizeof *d->container_sizes);
	r = sizes_of(m->engine, &paths, d->container_sizes, err);
	for (size_t i = 0; i < d->container_count && r == 0; i++) {
		bool active = runs(d->states[i]);
		d->containers.total++;
		d->containers.active += active;
		d->containers.size += d->container_sizes[i];
		d->containers.reclaimable += active ? 0 : d->container_sizes[i];
	}
	return r;
}

/* ---- images and layers ---- */

static bool same_image(const struct image *a, const struct image *b)
{
	return str_eq(a->digest, b->digest) || (a->id && str_eq(a->id, b->id));
}

static bool seen_before(const struct images *images, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (same_image(&images->items[i], &images->items[at]))
			return true;
	return false;
}

static int64_t count_of(const struct strv *list, const char *text)
{
	int64_t count = 0;

	for (size_t i = 0; text && i < list->count; i++)
		count += str_eq(list->items[i], text);
	return count;
}

static bool others_have(const struct images *images, size_t at, const char *key)
{
	for (size_t i = 0; i < images->count; i++)
		if (!same_image(&images->items[i], &images->items[at]) &&
		    strv_find(&images->items[i].layers, key) >= 0)
			return true;
	return false;
}

static int64_t recipe_bytes(struct engine *engine, const struct layer *layer)
{
	AUTO(mem) char *rel = layer_recipe_rel(engine->store, layer);
	struct stat st;

	return fstatat(engine->store->dir, rel, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_size : 0;
}

/* With its copies for other maps, and what stands for its blob. */
static int64_t disk_bytes(struct engine *engine, const char *key)
{
	AUTO(layer) struct layer *layer = NULL;

	if (layer_find(engine->store, key, NULL, &layer) < 0 || layer_store(engine->store, layer))
		return 0;
	return layer->size * (int64_t)(1 + layer->copies.count) + recipe_bytes(engine, layer);
}

static void measure_image(struct measure *m, size_t at)
{
	const struct images *images = &m->disk->entries;
	const struct image *image = &images->items[at];
	struct disk_image *out = &m->disk->image_sizes[at];

	for (size_t i = 0; i < image->layers.count; i++) {
		int64_t bytes = disk_bytes(m->engine, image->layers.items[i]);
		if (others_have(images, at, image->layers.items[i]))
			out->shared += bytes;
		else
			out->unique += bytes;
	}
	out->containers = count_of(&m->used_images, image->id);
	if (seen_before(images, at))
		return;
	m->disk->images.total++;
	m->disk->images.active += out->containers > 0;
}

static void measure_layers(struct measure *m)
{
	AUTO(strv) struct strv keys = { 0 };

	if (layer_list(m->engine->store, &keys, NULL) < 0)
		return;
	for (size_t i = 0; i < keys.count; i++) {
		int64_t bytes = disk_bytes(m->engine, keys.items[i]);
		m->disk->images.size += bytes;
		if (strv_find(&m->used_layers, keys.items[i]) < 0)
			m->disk->images.reclaimable += bytes;
	}
}

static void note_blobs(struct measure *m, const struct image *image)
{
	AUTO(manifest) struct manifest *manifest = NULL;

	strv_add(&m->used_blobs, image->digest);
	if (image_manifest(m->engine->store, image, &manifest, NULL) < 0)
		return;
	strv_add(&m->used_blobs, manifest->config.digest);
	for (size_t i = 0; i < manifest->layers.count; i++)
		strv_add(&m->used_blobs, manifest->layers.items[i].digest);
}

static int measure_images(struct measure *m, struct err *err)
{
	struct disk *d = m->disk;
	int r = images_load(m->engine->store, &d->entries, err);

	if (r < 0)
		return r;
	d->image_sizes = mem_alloc(d->entries.count + 1, sizeof *d->image_sizes);
	for (size_t i = 0; i < d->entries.count; i++) {
		measure_image(m, i);
		if (d->image_sizes[i].containers)
			note_blobs(m, &d->entries.items[i]);
	}
	measure_layers(m);
	d->builds.size = d->builds.reclaimable = buildprune_bytes(m->engine, &d->builds.total);
	return 0;
}

/* ---- blobs ---- */

static void measure_blob(struct measure *m, int dir, const char *name)
{
	AUTO(mem) char *digest = str_fmt(DIGEST_PREFIX "%s", name);
	struct stat st;

	if (!digest_valid(digest) || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	bool active = strv_find(&m->used_blobs, digest) >= 0;
	m->disk->blobs.total++;
	m->disk->blobs.active += active;
	m->disk->blobs.size += st.st_size;
	m->disk->blobs.reclaimable += active ? 0 : st.st_size;
}

static int measure_blobs(struct measure *m, struct err *err)
{
	const struct store *store = m->engine->store;
	int fd = openat(store->dir, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		int r = -errno;
		fd_close(fd);
		return err_sys(err, r, "cannot read '%s/blobs/sha256'", store->path);
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		measure_blob(m, dirfd(dir), e->d_name);
	closedir(dir);
	return 0;
}

/* ---- volumes ---- */

static int64_t users_of(const struct disk *d, const char *name)
{
	int64_t count = 0;

	for (size_t i = 0; i < d->container_count; i++)
		count += strv_find(&d->states[i]->mounts, name) >= 0;
	return count;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int measure_volumes(struct measure *m, struct err *err)
{
	struct disk *d = m->disk;
	AUTO(strv) struct strv names = { 0 };
	AUTO(strv) struct strv paths = { 0 };
	int r = volume_list(m->engine->store, &names, err);

	if (r < 0)
		return r;
	if (names.count)
		qsort(names.items, names.count, sizeof *names.items, by_name);
	for (size_t i = 0; i < names.count; i++) {
		struct volume *volume;
		if (volume_load(m->engine->store, names.items[i], &volume, NULL) < 0)
			continue;
		d->volume_items =
			mem_push(d->volume_items, &d->volume_count, sizeof *d->volume_items);
		d->volume_items[d->volume_count - 1].volume = volume;
		strv_add(&paths, volume->path);
	}
	AUTO(mem) int64_t *sizes = mem_alloc(paths.count + 1, sizeof *sizes);
	r = sizes_of(m->engine, &paths, sizes, err);
	for (size_t i = 0; i < d->volume_count && r == 0; i++) {
		struct disk_volume *v = &d->volume_items[i];
		v->size = sizes[i];
		v->links = users_of(d, v->volume->name);
		d->volumes.total++;
		d->volumes.active += v->links > 0;
		d->volumes.size += v->size;
		d->volumes.reclaimable += v->links ? 0 : v->size;
	}
	return r;
}

int disk_measure(struct engine *engine, struct disk *out, struct err *err)
{
	AUTO(measure) struct measure m = { .engine = engine, .disk = out };
	int r = measure_containers(&m, err);

	if (r == 0)
		r = measure_images(&m, err);
	if (r == 0)
		r = measure_blobs(&m, err);
	return r == 0 ? measure_volumes(&m, err) : r;
}

int disk_images_bytes(struct engine *engine, int64_t *out, struct err *err)
{
	struct disk disk = { 0 };
	struct measure m = { .engine = engine, .disk = &disk };
	int r = measure_blobs(&m, err);

	if (r < 0)
		return r;
	measure_layers(&m);
	*out = disk.images.size + disk.blobs.size;
	return 0;
}

void disk_clear(struct disk *disk)
{
	for (size_t i = 0; i < disk->container_count; i++)
		container_state_free(disk->states[i]);
	for (size_t i = 0; i < disk->volume_count; i++)
		volume_free(disk->volume_items[i].volume);
	images_clear(&disk->entries);
	free(disk->image_sizes);
	free(disk->states);
	free(disk->container_sizes);
	free(disk->volume_items);
	*disk = (struct disk){ 0 };
}
