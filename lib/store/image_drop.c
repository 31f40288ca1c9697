/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_drop - taking images and their names out of the index
 *
 * However many are to go, the index is read and replaced once, and what the remaining images need is found out
 * once. Blobs and layers are taken away after the index no longer names them, and only those that nobody
 * holds a lock on: a pull holds locks on what it needs until its image is entered.
 */
#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "store/blob.h"
#include "store/buildcache.h"
#include "store/event.h"
#include "store/image_edit.h"
#include "store/image_index.h"
#include "store/image_list.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/lock.h"

/* Digests and layer keys that one or more images need. */
struct needs {
	struct strv blobs;
	struct strv layers;
	bool unknown; /* a manifest cannot be read: nobody knows what it needs */
};

/* What an entry that is taken out said. */
struct dropped {
	char *id;
	struct strv names;
	struct needs needs;
};

struct dropped_list {
	struct dropped *items;
	size_t count;
};

static void auto_needs(struct needs *needs)
{
	strv_clear(&needs->blobs);
	strv_clear(&needs->layers);
}

static void auto_dropped_list(struct dropped_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].id);
		strv_clear(&list->items[i].names);
		auto_needs(&list->items[i].needs);
	}
	free(list->items);
}

static void add_needs(const struct store *store, const struct image *image, struct needs *out)
{
	AUTO(manifest) struct manifest *manifest = NULL;

	strv_extend(&out->layers, &image->layers);
	if (image->list) {
		if (image_list_blobs(store, image, &out->blobs) < 0)
			out->unknown = true;
		return;
	}
	strv_add(&out->blobs, image->digest);
	if (image_manifest(store, image, &manifest, NULL) < 0) {
		out->unknown = true;
		return;
	}
	strv_add(&out->blobs, manifest->config.digest);
	for (size_t i = 0; i < manifest->layers.count; i++)
		strv_add(&out->blobs, manifest->layers.items[i].digest);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct strv *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof *list->items, by_text);
}

static bool has(const struct strv *sorted, const char *text)
{
	return sorted->count &&
	       bsearch(&text, sorted->items, sorted->count, sizeof *sorted->items, by_text);
}

/* Of all entries that are left, in order of the texts. */
static void sum_needs(const struct store *store, const struct image_edit *edit, struct needs *out)
{
	const cJSON *entry;

	cJSON_ArrayForEach(entry, index_entries(edit->index))
	{
		struct image image = { 0 };
		if (entry_read(entry, &image) == 0)
			add_needs(store, &image, out);
		image_clear(&image);
	}
	buildcache_blobs(store, &out->blobs);
	sort(&out->blobs);
	sort(&out->layers);
}

/* Takes out every entry of an image, and notes what it needed and was called. */
static size_t take_entries(const struct store *store, struct image_edit *edit,
			   const struct image *image, struct dropped *out)
{
	cJSON *entry = index_entries(edit->index)->child;
	size_t count = 0;

	while (entry) {
		cJSON *next = entry->next;
		struct image found = { 0 };
		if (entry_read(entry, &found) == 0 && (str_eq(found.digest, image->digest) ||
						       (found.id && str_eq(found.id, image->id)))) {
			add_needs(store, &found, &out->needs);
			if (found.name)
				strv_add(&out->names, found.name);
			edit_drop(edit, entry);
			count++;
		}
		image_clear(&found);
		entry = next;
	}
	return count;
}

/* Whoever holds the lock is about to enter an image that needs it. */
static void remove_blob(const struct store *store, const char *digest)
{
	AUTO(fd) int lock = -1;

	if (lock_take(store, LOCK_BLOB, digest, LOCK_TRY, &lock, NULL) == 0)
		(void)!blob_remove(store, digest); /* left over, and found by system check */
}

/* Return: whether something of it was there and is gone. */
static bool remove_layer(const struct store *store, const char *key, struct temps *out)
{
	AUTO(fd) int lock = -1;
	const size_t before = out->count;

	return lock_take(store, LOCK_LAYER, key, LOCK_TRY, &lock, NULL) == 0 &&
	       layer_remove(store, key, out, NULL) == 0 && out->count > before;
}

static void collect(const struct store *store, const struct needs *gone, const struct needs *kept,
		    const struct strv *keep_layers, struct strv *out_gone, struct temps *out)
{
	for (size_t i = gone->layers.count; i > 0; i--) {
		const char *key = gone->layers.items[i - 1];
		if (has(&kept->layers, key) || (keep_layers && strv_find(keep_layers, key) >= 0))
			continue;
		if (remove_layer(store, key, out))
			strv_add(out_gone, key);
	}
	for (size_t i = 0; i < gone->blobs.count && !kept->unknown; i++)
		if (!has(&kept->blobs, gone->blobs.items[i]))
			remove_blob(store, gone->blobs.items[i]);
}

static char *image_id(const cJSON *entry)
{
	struct image image = { 0 };
	char *id = entry_read(entry, &image) == 0 ? take_ptr(image.id) : NULL;

	image_clear(&image);
	return id;
}

/* ---- one of them ------------------------------------------------------------------------------ */

static int drop_name(struct image_edit *edit, struct image_drop *drop, struct dropped *out)
{
	const char *name = drop->image->name;
	cJSON *entry = edit_name(edit, name);

	if (!entry)
		return err_set(&drop->err, -ENOENT, "no image has the name '%s'", name);
	out->id = image_id(entry);
	strv_add(&out->names, name);
	edit_untag(edit, entry);
	return 0;
}

static int drop_whole(const struct store *store, struct image_edit *edit, struct image_drop *drop,
		      struct dropped *out)
{
	const struct image *image = drop->image;

	if (take_entries(store, edit, image, out) == 0)
		return err_set(&drop->err, -ENOENT, "the image '%s' was removed meanwhile",
			       str_or(image->name, image->id));
	out->id = str_dup(image->id);
	return 0;
}

static void tell(const struct store *store, const struct image_drop *drop,
		 const struct dropped *dropped)
{
	for (size_t i = 0; i < dropped->names.count; i++)
		event_named(store, EVENT_IMAGE, EVENT_UNTAG, dropped->id, dropped->names.items[i]);
	if (drop->whole)
		event_named(store, EVENT_IMAGE, EVENT_REMOVE, dropped->id, drop->image->name);
}

/* ---- all of them ------------------------------------------------------------------------------ */

static void finish(const struct store *store, const struct image_edit *edit,
		   struct image_drops *drops, const struct dropped_list *dropped,
		   const struct strv *keep_layers, struct temps *out)
{
	AUTO(needs) struct needs kept = { 0 };
	bool whole = false;

	for (size_t i = 0; i < drops->count; i++)
		whole |= drops->items[i].whole && drops->items[i].result == 0;
	if (whole)
		sum_needs(store, edit, &kept);
	for (size_t i = 0; i < drops->count; i++) {
		struct image_drop *drop = &drops->items[i];
		if (drop->result < 0)
			continue;
		if (drop->whole)
			collect(store, &dropped->items[i].needs, &kept, keep_layers, &drop->gone,
				out);
		tell(store, drop, &dropped->items[i]);
	}
}

int images_drop(const struct store *store, struct image_drops *drops, image_used_fn used,
		void *data, const struct strv *keep_layers, struct temps *out, struct err *err)
{
	AUTO(image_edit) struct image_edit edit = { .lock = -1 };
	AUTO(dropped_list) struct dropped_list dropped = { 0 };
	bool changed = false, named = false;

	int r = edit_begin(store, &edit, err);
	for (size_t i = 0; i < drops->count && r == 0; i++) {
		struct image_drop *drop = &drops->items[i];
		struct dropped *one = vec_push(&dropped);
		drop->result = drop->whole && used ? used(data, drop->image, &drop->err) : 0;
		if (drop->result == 0)
			drop->result = drop->whole ? drop_whole(store, &edit, drop, one)
						   : drop_name(&edit, drop, one);
		changed |= drop->result == 0;
		named |= drop->result == 0 && !drop->whole;
	}
	if (r == 0 && changed)
		r = index_save(store, edit.index, named, err);
	if (r == 0)
		finish(store, &edit, drops, &dropped, keep_layers, out);
	return r;
}

void image_drops_clear(struct image_drops *drops)
{
	for (size_t i = 0; i < drops->count; i++) {
		err_clear(&drops->items[i].err);
		strv_clear(&drops->items[i].gone);
	}
	free(drops->items);
	*drops = (struct image_drops){ 0 };
}

static int drop_one(const struct store *store, const struct image_drop *wanted,
		    const struct strv *keep_layers, struct temps *out, struct err *err)
{
	AUTO(image_drops) struct image_drops drops = { 0 };

	*vec_push(&drops) = *wanted;
	int r = images_drop(store, &drops, NULL, NULL, keep_layers, out, err);
	return r == 0 && drops.items[0].result < 0 ? err_move(err, &drops.items[0].err) : r;
}

int image_untag(const struct store *store, const char *name, struct err *err)
{
	const struct image image = { .name = (char *)name };
	const struct image_drop drop = { .image = &image };

	return drop_one(store, &drop, NULL, NULL, err);
}

int image_remove(const struct store *store, const struct image *image,
		 const struct strv *keep_layers, struct temps *out, struct err *err)
{
	const struct image_drop drop = { .image = image, .whole = true };
	int r = image_check_own(image, err);

	if (r < 0)
		return r;
	return drop_one(store, &drop, keep_layers, out, err);
}
