/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * buildprune - what builds keep to be faster the next time, taken away
 */
#include "engine/buildprune.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/check.h"
#include "engine/outer.h"
#include "engine/sizes.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/lock.h"
#include "store/temp.h"

#define MOUNTS "build/mounts"

struct pruning {
	struct engine *engine;
	struct buildsteps steps; /* the oldest use first */
	struct strv needed;	 /* layers that images and containers need, and records that stay */
	bool blobs;		 /* records went that named blobs */
	struct temps gone;
};

static void auto_pruning(struct pruning *p)
{
	buildsteps_clear(&p->steps);
	strv_clear(&p->needed);
	temps_clear(&p->gone);
}

static int by_use(const void *a, const void *b)
{
	const struct buildstep *x = a, *y = b;

	return (x->used > y->used) - (x->used < y->used);
}

static int add_needed(struct engine *engine, struct strv *out, struct err *err)
{
	AUTO(images) struct images images = { 0 };
	int r = images_load(engine->store, &images, err);

	if (r == 0)
		r = census_refresh(engine->census, engine->store, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < images.count; i++)
		strv_extend(out, &images.items[i].layers);
	census_layers(engine->census, engine->store, out);
	return 0;
}

static int begin(struct pruning *p, struct err *err)
{
	int r = buildcache_list(p->engine->store, &p->steps);

	if (r < 0)
		return err_sys(err, r, "cannot read the build cache");
	if (p->steps.count)
		qsort(p->steps.items, p->steps.count, sizeof *p->steps.items, by_use);
	return add_needed(p->engine, &p->needed, err);
}

static bool named_later(const struct pruning *p, size_t at, const char *layer)
{
	for (size_t i = at + 1; i < p->steps.count; i++)
		if (str_eq(p->steps.items[i].layer, layer))
			return true;
	return false;
}

/* Of layers that only the cache needs. */
static int64_t own_bytes(const struct pruning *p)
{
	AUTO(strv) struct strv seen = { 0 };
	int64_t bytes = 0;

	for (size_t i = 0; i < p->steps.count; i++) {
		const char *layer = p->steps.items[i].layer;
		if (!layer || strv_find(&p->needed, layer) >= 0 || strv_find(&seen, layer) >= 0)
			continue;
		strv_add(&seen, layer);
		bytes += layer_bytes(p->engine->store, layer);
	}
	return bytes;
}

static void remove_layer(struct pruning *p, const char *key)
{
	AUTO(fd) int lock = -1;

	if (lock_take(p->engine->store, LOCK_LAYER, key, LOCK_TRY, &lock, NULL) == 0)
		(void)!layer_remove(p->engine->store, key, &p->gone,
				    NULL); /* system check finds it */
}

/* Return: the bytes that are free then. */
static int64_t remove_step(struct pruning *p, size_t at, struct buildpruned *out)
{
	const struct buildstep *step = &p->steps.items[at];
	int64_t bytes = 0;

	if (buildcache_remove(p->engine->store, step->key) < 0)
		return 0;
	p->blobs |= step->blob != NULL;
	if (step->layer && strv_find(&p->needed, step->layer) < 0 &&
	    !named_later(p, at, step->layer)) {
		bytes = layer_bytes(p->engine->store, step->layer);
		remove_layer(p, step->layer);
	}
	out->bytes += bytes;
	*vec_push(out) = (struct buildpruned_step){ .key = str_dup(step->key),
						    .text = str_dup(step->text),
						    .created = str_dup(step->created),
						    .used = step->used,
						    .bytes = bytes };
	return bytes;
}

/* What there is room for on the disk of the store, for its user. */
static int64_t free_bytes(const struct store *store)
{
	struct statvfs fs;

	return fstatvfs(store->dir, &fs) < 0 ? INT64_MAX
					     : (int64_t)(fs.f_bavail * (uint64_t)fs.f_frsize);
}

/* Return: how many of @now may stay. */
static int64_t may_stay(const struct pruning *p, const struct buildprune_options *o, int64_t now)
{
	int64_t most = o->keep_bytes ? o->keep_bytes : now;

	if (!o->keep_bytes && !o->free_bytes)
		return o->reserved_bytes;
	const int64_t room = o->free_bytes ? free_bytes(p->engine->store) : 0;
	if (o->free_bytes > room)
		most = min_of(most, now - (o->free_bytes - room));
	return max_of(most, o->reserved_bytes);
}

static int remove_steps(struct pruning *p, const struct buildprune_options *options,
			struct buildpruned *out, struct err *err)
{
	AUTO(fd) int images = -1;
	int r = lock_take(p->engine->store, LOCK_IMAGES, "", LOCK_EXCLUSIVE, &images, err);

	if (r == 0)
		r = begin(p, err);
	if (r < 0)
		return r;
	int64_t left = own_bytes(p);
	const bool sized = options->keep_bytes || options->free_bytes || options->reserved_bytes;
	const int64_t most = may_stay(p, options, left);
	for (size_t i = 0; i < p->steps.count; i++) {
		const struct buildstep *step = &p->steps.items[i];
		if (options->before && step->used >= options->before)
			break;
		if (sized && left <= most)
			break;
		left -= remove_step(p, i, out);
	}
	return 0;
}

/* ---- folders of caches ------------------------------------------------------------------------ */

static int take_mounts(struct pruning *p, struct buildpruned *out)
{
	const struct store *store = p->engine->store;
	AUTO(strv) struct strv paths = { 0 };
	struct temp *temp = NULL;
	int64_t bytes = 0;

	AUTO(mem) char *path = store_path(store, MOUNTS);
	strv_add(&paths, path);
	if (sizes_of(p->engine, &paths, &bytes, NULL) < 0)
		bytes = 0;
	const int r = temp_take(store, MOUNTS, &temp, NULL);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	*vec_push(&p->gone) = temp;
	out->bytes += bytes;
	return 0;
}

static int delete_gone(void *data, struct err *err)
{
	struct pruning *p = data;

	(void)err;
	(void)!temps_remove(p->engine->store, &p->gone); /* else the next sweep */
	return 0;
}

/* Those that images need as well stay. */
static int remove_blobs(struct pruning *p, struct err *err)
{
	const struct check_options options = { .flags = CHECK_REPAIR | CHECK_QUICK | CHECK_UNUSED };
	AUTO(check_report) struct check_report report = { 0 };

	return p->blobs ? check_images(p->engine, &options, &report, err) : 0;
}

int buildprune(struct engine *engine, const struct buildprune_options *options,
	       struct buildpruned *out, struct err *err)
{
	AUTO(pruning) struct pruning p = { .engine = engine };
	AUTO(fd) int lock = -1;

	int r = lock_take(engine->store, LOCK_BUILD, "", LOCK_EXCLUSIVE | LOCK_TRY, &lock, err);
	if (r == -EAGAIN)
		return err_set(err, -EBUSY, "a build is at work: its cache stays");
	if (r == 0 && !options->only_mounts)
		r = remove_steps(&p, options, out, err);
	if (r == 0)
		r = remove_blobs(&p, err);
	if (r == 0 && (options->mounts || options->only_mounts))
		r = take_mounts(&p, out);
	(void)!outer_run(engine, 0, delete_gone, &p, NULL);
	return r;
}

void buildprune_settle(struct engine *engine)
{
	AUTO(buildpruned) struct buildpruned gone = { 0 };
	const struct buildprune_options options = { .keep_bytes = max_of(engine->build_cache,
									 INT64_C(1)) };

	(void)!buildprune(engine, &options, &gone, NULL); /* the next one tries again */
}

int64_t buildprune_bytes(struct engine *engine, int64_t *out_count)
{
	AUTO(pruning) struct pruning p = { .engine = engine };
	AUTO(strv) struct strv paths = { 0 };
	int64_t bytes = 0;

	if (begin(&p, NULL) < 0)
		return 0;
	AUTO(mem) char *path = store_path(engine->store, MOUNTS);
	strv_add(&paths, path);
	if (sizes_of(engine, &paths, &bytes, NULL) < 0)
		bytes = 0;
	if (out_count)
		*out_count = (int64_t)p.steps.count;
	return bytes + own_bytes(&p);
}

void buildpruned_clear(struct buildpruned *pruned)
{
	for (size_t i = 0; i < pruned->count; i++) {
		free(pruned->items[i].key);
		free(pruned->items[i].text);
		free(pruned->items[i].created);
	}
	free(pruned->items);
	*pruned = (struct buildpruned){ 0 };
}
