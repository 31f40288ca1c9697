/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_edit - the index under its lock, while it is changed
 *
 * For store/images alone. LOCK_IMAGES is taken, the index is read, its entries are edited; who edits saves
 * it with index_save().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/fd.h"
#include "base/json.h"
#include "store/store.h"

struct image_edit {
	int lock;
	cJSON *index;
};

/**
 * edit_begin() - take the lock and read the index
 * @store:	open store
 * @out:	its lock is -1 until then; to be declared with AUTO(image_edit)
 * @err:	why not
 *
 * Return: 0; -EROFS; -EBADMSG when the index is damaged; otherwise what the kernel said.
 */
must_check int edit_begin(const struct store *store, struct image_edit *out, struct err *err);

/**
 * edit_name() - the entry that has a name
 * @edit:	begun
 * @name:	whole reference
 *
 * Return: the entry, which belongs to the index, or NULL.
 */
cJSON *edit_name(const struct image_edit *edit, const char *name);

/**
 * edit_nameless() - the entry of an image that has no name
 * @edit:	begun
 * @digest:	of its manifest
 *
 * Return: the entry, which belongs to the index, or NULL.
 */
cJSON *edit_nameless(const struct image_edit *edit, const char *digest);

/**
 * edit_is() - whether an entry is one of an image
 * @entry:	of the index
 * @digest:	of the image's manifest
 *
 * Return: whether it is.
 */
bool edit_is(const cJSON *entry, const char *digest);

/**
 * edit_count() - how many entries an image has
 * @edit:	begun
 * @digest:	of its manifest
 *
 * Return: how many.
 */
size_t edit_count(const struct image_edit *edit, const char *digest);

/**
 * edit_drop() - take an entry out
 * @edit:	begun
 * @entry:	of its index; released
 */
void edit_drop(struct image_edit *edit, cJSON *entry);

/**
 * edit_untag() - take an entry's name away; an image keeps one entry, without a name when it was the last
 * @edit:	begun
 * @entry:	of its index; may be released
 */
void edit_untag(struct image_edit *edit, cJSON *entry);

static inline void auto_image_edit(struct image_edit *edit)
{
	cJSON_Delete(edit->index);
	fd_close(edit->lock);
}
