/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_edit - the index under its lock, while it is changed
 */
#include "store/image_edit.h"

#include "store/image_index.h"
#include "store/lock.h"

int edit_begin(const struct store *store, struct image_edit *out, struct err *err)
{
	int r = store_check_writable(store, err);

	if (r == 0)
		r = lock_take(store, LOCK_IMAGES, "", LOCK_EXCLUSIVE, &out->lock, err);
	return r < 0 ? r : index_load(store, &out->index, err);
}

cJSON *edit_name(const struct image_edit *edit, const char *name)
{
	cJSON *entry;

	cJSON_ArrayForEach(entry, index_entries(edit->index)) if (str_eq(entry_name(entry),
									 name)) return entry;
	return NULL;
}

bool edit_is(const cJSON *entry, const char *digest)
{
	return str_eq(json_text(entry, "digest"), digest);
}

size_t edit_count(const struct image_edit *edit, const char *digest)
{
	const cJSON *entry;
	size_t count = 0;

	cJSON_ArrayForEach(entry, index_entries(edit->index)) count += edit_is(entry, digest);
	return count;
}

cJSON *edit_nameless(const struct image_edit *edit, const char *digest)
{
	cJSON *entry;

	cJSON_ArrayForEach(entry, index_entries(edit->index)) if (edit_is(entry, digest) &&
								  !entry_name(entry)) return entry;
	return NULL;
}

void edit_drop(struct image_edit *edit, cJSON *entry)
{
	cJSON_Delete(cJSON_DetachItemViaPointer(index_entries(edit->index), entry));
}

void edit_untag(struct image_edit *edit, cJSON *entry)
{
	if (edit_count(edit, json_text(entry, "digest")) > 1)
		edit_drop(edit, entry);
	else
		entry_set_name(entry, NULL);
}
