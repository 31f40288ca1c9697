/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_change - entering, naming and removing images
 *
 * Each takes LOCK_IMAGES, reads the index, edits it, replaces it. Blobs and layers are taken away after the
 * index no longer names them, and only those that nobody holds a lock on: a pull holds locks on what
 * it needs until its image is entered.
 */
#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "oci/reference.h"
#include "store/blob.h"
#include "store/event.h"
#include "store/image_index.h"
#include "store/images.h"
#include "store/layers.h"
#include "store/lock.h"

/* The index under its lock. */
struct edit {
	int lock;
	cJSON *index;
};

static void auto_edit(struct edit *edit)
{
	cJSON_Delete(edit->index);
	fd_close(edit->lock);
}

static int edit_begin(const struct store *store, struct edit *out, struct err *err)
{
	int r = store_check_writable(store, err);

	if (r == 0)
		r = lock_take(store, LOCK_IMAGES, "", LOCK_EXCLUSIVE, &out->lock, err);
	return r < 0 ? r : index_load(store, &out->index, err);
}

static cJSON *find_name(const struct edit *edit, const char *name)
{
	cJSON *entry;

	cJSON_ArrayForEach(entry, index_entries(edit->index)) if (str_eq(entry_name(entry),
									 name)) return entry;
	return NULL;
}

static bool is_digest(const cJSON *entry, const char *digest)
{
	return str_eq(json_text(entry, "digest"), digest);
}

static size_t count_digest(const struct edit *edit, const char *digest)
{
	const cJSON *entry;
	size_t count = 0;

	cJSON_ArrayForEach(entry, index_entries(edit->index)) count += is_digest(entry, digest);
	return count;
}

static cJSON *find_nameless(const struct edit *edit, const char *digest)
{
	cJSON *entry;

	cJSON_ArrayForEach(entry, index_entries(edit->index)) if (is_digest(entry, digest) &&
								  !entry_name(entry)) return entry;
	return NULL;
}

static void drop(struct edit *edit, cJSON *entry)
{
	cJSON_Delete(cJSON_DetachItemViaPointer(index_entries(edit->index), entry));
}

/* An image keeps one entry: without a name when it was the last one. */
static void untag_entry(struct edit *edit, cJSON *entry)
{
	if (count_digest(edit, json_text(entry, "digest")) > 1)
		drop(edit, entry);
	else
		entry_set_name(entry, NULL);
}

static void add_once(struct strv *list, const char *text)
{
	if (strv_find(list, text) < 0)
		strv_add(list, text);
}

/* ---- entering --------------------------------------------------------------------------------- */

static void join_repo_digests(const cJSON *entry, struct image *image)
{
	struct image known = { 0 };

	if (entry_read(entry, &known) == 0)
		for (size_t i = 0; i < known.repo_digests.count; i++)
			add_once(&image->repo_digests, known.repo_digests.items[i]);
	image_clear(&known);
}

/* All entries of an image say the same of it. */
static void update_entries(const struct edit *edit, struct image *image)
{
	cJSON *entry;

	cJSON_ArrayForEach(entry, index_entries(edit->index)) if (is_digest(entry, image->digest))
		join_repo_digests(entry, image);
	cJSON_ArrayForEach(entry, index_entries(edit->index)) if (is_digest(entry, image->digest))
		entry_update(entry, image);
}

static void enter(struct edit *edit, struct image *image)
{
	cJSON *holder = image->name ? find_name(edit, image->name) : NULL;
	cJSON *nameless = find_nameless(edit, image->digest);

	update_entries(edit, image);
	if (holder && is_digest(holder, image->digest))
		return;
	if (!image->name && count_digest(edit, image->digest) > 0)
		return;
	if (holder)
		untag_entry(edit, holder);
	if (nameless)
		drop(edit, nameless);
	cJSON_AddItemToArray(index_entries(edit->index), entry_new(image));
}

int image_add(const struct store *store, const struct image *image, bool durable, struct err *err)
{
	AUTO(edit) struct edit edit = { .lock = -1 };
	AUTO(image) struct image *whole = image_copy(image);

	int r = image_complete(store, whole, err);
	if (r == 0)
		r = edit_begin(store, &edit, err);
	if (r < 0)
		return r;
	if (blob_state(store, whole->digest, NULL) == BLOB_NONE)
		return err_set(err, -ENOENT, "the manifest of the image was removed meanwhile");
	enter(&edit, whole);
	return index_save(store, edit.index, durable, err);
}

int image_tag(const struct store *store, const struct image *image, const char *name,
	      struct err *err)
{
	AUTO(edit) struct edit edit = { .lock = -1 };
	AUTO(image) struct image *named = image_copy(image);
	int r = edit_begin(store, &edit, err);

	if (r < 0)
		return r;
	if (count_digest(&edit, image->digest) == 0)
		return err_set(err, -ENOENT, "the image '%s' was removed meanwhile",
			       str_or(image->name, image->id));
	str_set(&named->name, name);
	enter(&edit, named);
	r = index_save(store, edit.index, true, err);
	if (r == 0)
		event_named(store, EVENT_IMAGE, EVENT_TAG, image->id, name);
	return r;
}

static char *image_id(const cJSON *entry)
{
	struct image image = { 0 };
	char *id = entry_read(entry, &image) == 0 ? take_ptr(image.id) : NULL;

	image_clear(&image);
	return id;
}

int image_untag(const struct store *store, const char *name, struct err *err)
{
	AUTO(edit) struct edit edit = { .lock = -1 };
	int r = edit_begin(store, &edit, err);

	if (r < 0)
		return r;
	cJSON *entry = find_name(&edit, name);
	if (!entry)
		return err_set(err, -ENOENT, "no image has the name '%s'", name);
	AUTO(mem) char *id = image_id(entry);
	untag_entry(&edit, entry);
	r = index_save(store, edit.index, true, err);
	if (r == 0)
		event_named(store, EVENT_IMAGE, EVENT_UNTAG, id, name);
	return r;
}

/* ---- removing --------------------------------------------------------------------------------- */

/* Digests and layer keys that one or more images need. */
struct needs {
	struct strv blobs;
	struct strv layers;
	bool unknown; /* a manifest cannot be read: nobody knows what it needs */
};

static void auto_needs(struct needs *needs)
{
	strv_clear(&needs->blobs);
	strv_clear(&needs->layers);
}

static void add_needs(const struct store *store, const struct image *image, struct needs *out)
{
	AUTO(manifest) struct manifest *manifest = NULL;

	for (size_t i = 0; i < image->layers.count; i++)
		add_once(&out->layers, image->layers.items[i]);
	add_once(&out->blobs, image->digest);
	if (image_manifest(store, image, &manifest, NULL) < 0) {
		out->unknown = true;
		return;
	}
	add_once(&out->blobs, manifest->config.digest);
	for (size_t i = 0; i < manifest->layers.count; i++)
		add_once(&out->blobs, manifest->layers.items[i].digest);
}

static void sum_needs(const struct store *store, const struct edit *edit, struct needs *out)
{
	const cJSON *entry;

	cJSON_ArrayForEach(entry, index_entries(edit->index))
	{
		struct image image = { 0 };
		if (entry_read(entry, &image) == 0)
			add_needs(store, &image, out);
		image_clear(&image);
	}
}

/* Takes out every entry of an image, and notes what it needed and was called. */
static size_t take_entries(const struct store *store, struct edit *edit, const struct image *image,
			   struct needs *out, struct strv *out_names)
{
	cJSON *entry = index_entries(edit->index)->child;
	size_t count = 0;

	while (entry) {
		cJSON *next = entry->next;
		struct image found = { 0 };
		if (entry_read(entry, &found) == 0 && (str_eq(found.digest, image->digest) ||
						       (found.id && str_eq(found.id, image->id)))) {
			add_needs(store, &found, out);
			if (found.name)
				strv_add(out_names, found.name);
			drop(edit, entry);
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

static bool remove_layer(const struct store *store, const char *key, struct temps *out)
{
	AUTO(fd) int lock = -1;

	return lock_take(store, LOCK_LAYER, key, LOCK_TRY, &lock, NULL) == 0 &&
	       layer_remove(store, key, out, NULL) == 0;
}

static void collect(const struct store *store, const struct needs *gone, const struct needs *kept,
		    const struct strv *keep_layers, struct strv *out_gone, struct temps *out)
{
	for (size_t i = gone->layers.count; i > 0; i--) {
		const char *key = gone->layers.items[i - 1];
		if (strv_find(&kept->layers, key) >= 0 ||
		    (keep_layers && strv_find(keep_layers, key) >= 0))
			continue;
		if (remove_layer(store, key, out) && out_gone)
			strv_add(out_gone, key);
	}
	for (size_t i = 0; i < gone->blobs.count && !kept->unknown; i++)
		if (strv_find(&kept->blobs, gone->blobs.items[i]) < 0)
			remove_blob(store, gone->blobs.items[i]);
}

int image_remove(const struct store *store, const struct image *image, image_used_fn used,
		 void *data, const struct strv *keep_layers, struct strv *out_gone,
		 struct temps *out, struct err *err)
{
	AUTO(edit) struct edit edit = { .lock = -1 };
	AUTO(needs) struct needs gone = { 0 };
	AUTO(needs) struct needs kept = { 0 };
	AUTO(strv) struct strv names = { 0 };

	int r = edit_begin(store, &edit, err);
	if (r == 0 && used)
		r = used(data, image, err);
	if (r < 0)
		return r;
	if (take_entries(store, &edit, image, &gone, &names) == 0)
		return err_set(err, -ENOENT, "the image '%s' was removed meanwhile",
			       str_or(image->name, image->id));
	sum_needs(store, &edit, &kept);
	r = index_save(store, edit.index, false, err);
	if (r < 0)
		return r;
	collect(store, &gone, &kept, keep_layers, out_gone, out);
	for (size_t i = 0; i < names.count; i++)
		event_named(store, EVENT_IMAGE, EVENT_UNTAG, image->id, names.items[i]);
	event_named(store, EVENT_IMAGE, EVENT_REMOVE, image->id, image->name);
	return 0;
}
