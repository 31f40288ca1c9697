/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_change - entering and naming images
 */
#include <errno.h>

#include "oci/digest.h"
#include "store/blob.h"
#include "store/event.h"
#include "store/image_edit.h"
#include "store/image_index.h"
#include "store/image_list.h"
#include "store/images.h"
#include "store/lock.h"

enum { HISTORY_MAX = 16 }; /* names that are remembered */

static void add_once(struct strv *list, const char *text)
{
	if (strv_find(list, text) < 0)
		strv_add(list, text);
}

static void join_known(const cJSON *entry, struct image *image)
{
	struct image known = { 0 };

	if (entry_read(entry, &known) == 0) {
		for (size_t i = 0; i < known.repo_digests.count; i++)
			add_once(&image->repo_digests, known.repo_digests.items[i]);
		for (size_t i = 0; i < known.history.count; i++)
			add_once(&image->history, known.history.items[i]);
	}
	image_clear(&known);
}

/* The name that it gets now is the last one that it had. */
static void lead_history(struct image *image)
{
	AUTO(strv) struct strv before = image->history;

	image->history = (struct strv){ 0 };
	if (image->name)
		strv_add(&image->history, image->name);
	for (size_t i = 0; i < before.count && image->history.count < HISTORY_MAX; i++)
		add_once(&image->history, before.items[i]);
}

/* All entries of an image say the same of it. */
static void update_entries(const struct image_edit *edit, struct image *image)
{
	cJSON *entry;

	cJSON_ArrayForEach(entry, index_entries(edit->index)) if (edit_is(entry, image->digest))
		join_known(entry, image);
	lead_history(image);
	cJSON_ArrayForEach(entry, index_entries(edit->index)) if (edit_is(entry, image->digest))
		entry_update(entry, image);
}

static void enter(struct image_edit *edit, struct image *image)
{
	cJSON *holder = image->name ? edit_name(edit, image->name) : NULL;
	cJSON *nameless = edit_nameless(edit, image->digest);

	update_entries(edit, image);
	if (holder && edit_is(holder, image->digest))
		return;
	if (!image->name && edit_count(edit, image->digest) > 0)
		return;
	if (holder)
		edit_untag(edit, holder);
	if (nameless)
		edit_drop(edit, nameless);
	cJSON_AddItemToArray(index_entries(edit->index), entry_new(image));
}

int image_add(const struct store *store, const struct image *image, bool durable, struct err *err)
{
	AUTO(image_edit) struct image_edit edit = { .lock = -1 };
	AUTO(image) struct image *whole = image_copy(image);

	int r = image_complete(store, whole, err);
	if (r == 0)
		r = edit_begin(store, &edit, err);
	if (r < 0)
		return r;
	if (blob_state_own(store, whole->digest, NULL) == BLOB_NONE)
		return err_set(err, -ENOENT, "the manifest of the image was removed meanwhile");
	enter(&edit, whole);
	return index_save(store, edit.index, durable, err);
}

static size_t move_entries(struct image_edit *edit, const char *digest, struct image *image)
{
	size_t count = 0;
	cJSON *entry = index_entries(edit->index)->child;

	while (entry) {
		cJSON *next = entry->next;
		if (edit_is(entry, digest)) {
			join_known(entry, image);
			str_set(&image->name, entry_name(entry));
			edit_drop(edit, entry);
			enter(edit, image);
			count++;
		}
		entry = next;
	}
	return count;
}

int image_replace(const struct store *store, const char *digest, const struct image *image,
		  struct err *err)
{
	AUTO(image_edit) struct image_edit edit = { .lock = -1 };
	AUTO(image) struct image *whole = image_copy(image);
	AUTO(fd) int lock = -1;

	int r = image_complete(store, whole, err);
	if (r == 0)
		r = edit_begin(store, &edit, err);
	if (r < 0)
		return r;
	if (move_entries(&edit, digest, whole) == 0)
		return err_set(err, -ENOENT, "the image '%s' was removed meanwhile", image->id);
	r = index_save(store, edit.index, true, err);
	if (r == 0 && lock_take(store, LOCK_BLOB, digest, LOCK_TRY, &lock, NULL) == 0)
		(void)!blob_remove(store, digest); /* left over, and found by system check */
	return r;
}

int image_list_update(const struct store *store, const struct image *list,
		      const struct descriptor *index, struct err *err)
{
	AUTO(image_edit) struct image_edit edit = { .lock = -1 };
	AUTO(image) struct image *changed = image_copy(list);
	AUTO(fd) int lock = -1;

	str_set(&changed->digest, index->digest);
	str_set(&changed->media_type, index->media_type);
	int r = image_complete(store, changed, err);
	if (r == 0)
		r = edit_begin(store, &edit, err);
	if (r < 0)
		return r;
	cJSON *entry = edit_name(&edit, list->name);
	if (!entry)
		return err_set(err, -ENOENT, "the list '%s' was removed meanwhile", list->name);
	if (!edit_is(entry, list->digest))
		return err_set(err, -EAGAIN, "the list '%s' was changed meanwhile", list->name);
	if (str_eq(list->digest, index->digest))
		return 0;
	edit_drop(&edit, entry);
	enter(&edit, changed);
	r = index_save(store, edit.index, true, err);
	if (r == 0 && edit_count(&edit, list->digest) == 0 &&
	    lock_take(store, LOCK_BLOB, list->digest, LOCK_TRY, &lock, NULL) == 0)
		(void)!blob_remove(store, list->digest); /* left over, and found by system check */
	return r;
}

/* A document of another store becomes one of ours, under the lock of the images. */
static int adopt_blob(const struct store *store, const char *digest, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;
	int r = blob_read(store, digest, &text, &size, err);

	return r < 0 ? r : blob_put(store, digest, text, size, true, err);
}

/* Of an image of a store that is only read from: its layers stay where they are. */
static int adopt(const struct store *store, struct image *image, struct err *err)
{
	AUTO(mem) char *config = str_fmt(DIGEST_PREFIX "%s", str_or(image->id, ""));

	str_set(&image->store, NULL);
	if (image->list)
		return adopt_blob(store, image->digest, err);
	if (!digest_valid(config))
		return err_set(err, -EBADMSG, "the image is damaged: its manifest is missing");
	int r = adopt_blob(store, image->digest, err);
	return r < 0 ? r : adopt_blob(store, config, err);
}

int image_tag(const struct store *store, const struct image *image, const char *name,
	      struct err *err)
{
	AUTO(image_edit) struct image_edit edit = { .lock = -1 };
	AUTO(image) struct image *named = image_copy(image);
	int r = edit_begin(store, &edit, err);

	if (r == 0 && image->store)
		r = adopt(store, named, err);
	if (r < 0)
		return r;
	if (!image->store && edit_count(&edit, image->digest) == 0)
		return err_set(err, -ENOENT, "the image '%s' was removed meanwhile",
			       str_or(image->name, image->id));
	str_set(&named->name, name);
	enter(&edit, named);
	r = index_save(store, edit.index, true, err);
	if (r == 0)
		event_named(store, EVENT_IMAGE, EVENT_TAG, image->id, name);
	return r;
}
