/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keep_storage - removing unused images until what is left fits
 *
 * One image at a time, and everything is measured again after each: what an image shares with others goes with
 * the last of them.
 */
#include "engine/keep_storage.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/str.h"
#include "engine/disk.h"
#include "oci/digest.h"
#include "store/event_read.h"
#include "store/images.h"

struct candidate {
	const struct image *image; /* of the list */
	int64_t used;		   /* ns since the epoch */
};

struct candidates {
	struct candidate *items;
	size_t count;
};

/* ---- when it was used ------------------------------------------------------------------------- */

static int64_t came_at(const struct store *store, const struct image *image)
{
	AUTO(mem) char *rel = str_fmt("blobs/sha256/%s", digest_hex(image->digest));
	struct stat st;

	if (fstatat(store->dir, rel, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return st.st_mtim.tv_sec * CLOCK_SECOND + st.st_mtim.tv_nsec;
}

static bool is_about(const struct event *event, const struct image *image)
{
	if (event->type == EVENT_IMAGE)
		return str_eq(event->id, image->id);
	return event->type == EVENT_CONTAINER && event->image &&
	       (str_eq(event->image, image->name) || str_eq(event->image, image->id));
}

/* Names share an image, so each entry of it is marked. */
static int take_event(void *data, const struct event *event)
{
	struct candidates *all = data;

	for (size_t i = 0; i < all->count; i++)
		if (is_about(event, all->items[i].image))
			all->items[i].used = max_of(all->items[i].used, event->time);
	return 0;
}

/* The time of an image is the latest of its names. */
static void join_names(struct candidates *all)
{
	for (size_t i = 0; i < all->count; i++)
		for (size_t k = 0; k < all->count; k++)
			if (str_eq(all->items[i].image->id, all->items[k].image->id))
				all->items[i].used = max_of(all->items[i].used, all->items[k].used);
}

static int by_use(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return x->used < y->used ? -1 : x->used > y->used;
}

static int find_candidates(struct engine *engine, const struct images *images,
			   struct candidates *out, struct err *err)
{
	const struct event_read past = { .until = clock_now(), .past = true };

	for (size_t i = 0; i < images->count; i++)
		if (images->items[i].id)
			*vec_push(out) =
				(struct candidate){ &images->items[i],
						    came_at(engine->store, &images->items[i]) };
	int r = event_read(engine->store, &past, take_event, NULL, out, err);
	join_names(out);
	if (out->count)
		qsort(out->items, out->count, sizeof *out->items, by_use);
	return r;
}

/* ---- removing --------------------------------------------------------------------------------- */

struct pick {
	const char *id; /* the one that may go; NULL: none */
	image_wanted_fn wanted;
	void *data;
};

static bool is_picked(void *data, const struct image *image)
{
	const struct pick *pick = data;

	return str_eq(image->id, pick->id) && pick->id &&
	       (!pick->wanted || pick->wanted(pick->data, image));
}

static int64_t prune_and_measure(struct engine *engine, struct pick *pick,
				 struct image_deleted *out, struct err *err)
{
	int64_t bytes = 0;
	int r = images_prune(engine, true, is_picked, pick, out, err);

	if (r == 0)
		r = disk_images_bytes(engine, &bytes, err);
	return r < 0 ? r : bytes;
}

int64_t images_keep_storage(struct engine *engine, int64_t bytes, image_wanted_fn wanted,
			    void *data, struct image_deleted *out, struct err *err)
{
	AUTO(images) struct images images = { 0 };
	struct candidates all = { 0 };
	struct pick pick = { .wanted = wanted, .data = data };
	int64_t left = prune_and_measure(engine, &pick, out, err);

	if (left < 0)
		return left;
	int r = images_load(engine->store, &images, err);
	if (r == 0)
		r = find_candidates(engine, &images, &all, err);
	for (size_t i = 0; r == 0 && i < all.count && left > bytes; i++) {
		pick.id = all.items[i].image->id;
		left = prune_and_measure(engine, &pick, out, err);
		r = (int)min_of(left, INT64_C(0));
	}
	free(all.items);
	return r < 0 ? r : left;
}
