/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_index - the entries of index.json, read and edited in place
 *
 * For store/images alone. What other tools have written into the file stays: entries are edited as JSON, not
 * rebuilt from structs.
 */
#pragma once

#include "base/json.h"
#include "store/image.h"
#include "store/store.h"

/**
 * index_load() - read the index
 * @store:	open store
 * @out:	a document whose "manifests" is a list; to be released with cJSON_Delete; set on success only
 * @err:	what is damaged, with the command that repairs it
 *
 * Return: 0, also for a missing file; -EBADMSG when it is damaged; otherwise what the kernel said.
 */
must_check int index_load(const struct store *store, cJSON **out, struct err *err);

/**
 * index_save() - replace the index
 * @store:	open store; the caller holds LOCK_IMAGES
 * @index:	printed
 * @durable:	whether it is on disk when this returns
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int index_save(const struct store *store, const cJSON *index, bool durable,
			  struct err *err);

/**
 * index_entries() - the list of entries
 * @index:	as loaded
 *
 * Return: the list, which belongs to @index.
 */
cJSON *index_entries(const cJSON *index);

/**
 * entry_name() - the whole reference of an entry
 * @entry:	of the list
 *
 * Return: the text, which belongs to @entry, or NULL.
 */
const char *entry_name(const cJSON *entry);

/**
 * entry_set_name() - give an entry a name, or take it away
 * @entry:	of the list
 * @name:	whole reference, or NULL
 */
void entry_set_name(cJSON *entry, const char *name);

/**
 * entry_read() - what an entry says
 * @entry:	of the list
 * @out:	zeroed by the caller, who releases it
 *
 * Return: 0; -EBADMSG when it is no manifest's descriptor.
 */
must_check int entry_read(const cJSON *entry, struct image *out);

/**
 * entry_new() - a new entry
 * @image:	what it shall say
 *
 * Return: to be released with cJSON_Delete or added to the list; never NULL.
 */
must_check cJSON *entry_new(const struct image *image);

/**
 * entry_update() - replace what an entry repeats of its image, all but the name
 * @entry:	of the list
 * @image:	what it shall say
 */
void entry_update(cJSON *entry, const struct image *image);
