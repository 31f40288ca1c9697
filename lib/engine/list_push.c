/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * list_push - a list with its images into a registry
 *
 * The images go first, under their digests. One whose layers are compressed on the way gets another digest,
 * so then the index is another one, too; else it keeps its bytes.
 */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "engine/list.h"
#include "engine/restore.h"
#include "oci/media.h"
#include "store/blob.h"
#include "store/event.h"
#include "store/image_list.h"
#include "store/images.h"

#define COMPRESSED "io.github.containers.compression."

struct list_pushing {
	struct engine *engine;
	struct push *push;
	const struct push_options *options;
	const struct strv *also;
	cJSON *doc;
	bool changed;
};

static void set_text(cJSON *object, const char *key, const char *text)
{
	cJSON *new = cJSON_CreateString(text);

	if (!cJSON_ReplaceItemInObjectCaseSensitive(object, key, new))
		cJSON_AddItemToObject(object, key, new);
}

static void set_descriptor(cJSON *entry, const struct descriptor *d)
{
	cJSON *size = cJSON_CreateNumber((double)d->size);

	set_text(entry, "mediaType", d->media_type);
	set_text(entry, "digest", d->digest);
	if (!cJSON_ReplaceItemInObjectCaseSensitive(entry, "size", size))
		cJSON_AddItemToObject(entry, "size", size);
}

/* The same image once more, compressed in another way. */
static int push_also(struct list_pushing *p, const struct descriptor *d, const cJSON *entry,
		     const char *packing, struct err *err)
{
	struct push_options options = *p->options;
	AUTO(descriptor) struct descriptor there = { 0 };

	options.packing = packing;
	options.force = true;
	int r = push_manifest(p->push, &options, d, false, &there, err);
	if (r < 0)
		return r;
	/* What reads zstd reads zstd:chunked. */
	AUTO(mem) char *key = str_fmt(COMPRESSED "%.*s", (int)strcspn(packing, ":"), packing);
	cJSON *new = cJSON_Duplicate(entry, true);
	set_descriptor(new, &there);
	cJSON *notes = cJSON_GetObjectItemCaseSensitive(new, "annotations");
	if (!notes)
		notes = cJSON_AddObjectToObject(new, "annotations");
	set_text(notes, key, "true");
	cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(p->doc, "manifests"), new);
	p->changed = true;
	return 0;
}

/* Layers that are kept unpacked alone become blobs again, with which the manifest may be another. */
static int bring_back(struct list_pushing *p, const struct descriptor *d, struct descriptor *out,
		      struct err *err)
{
	AUTO(image) struct image *image = NULL;
	AUTO(image) struct image *whole = NULL;

	descriptor_copy(out, d);
	if (image_find(p->engine->store, d->digest, &image, NULL) < 0 ||
	    !restore_possible(p->engine, image))
		return 0;
	const int r = restore_image(p->engine, image, &whole, err);
	if (r < 0)
		return r;
	str_set(&out->digest, whole->digest);
	str_set(&out->media_type, whole->media_type);
	out->size = whole->manifest_size;
	return 0;
}

static int push_entry(struct list_pushing *p, const struct descriptor *named, cJSON *entry,
		      struct err *err)
{
	AUTO(descriptor) struct descriptor there = { 0 };
	AUTO(descriptor) struct descriptor own = { 0 };
	const struct descriptor *d = &own;

	int r = bring_back(p, named, &own, err);
	if (r == 0)
		r = push_manifest(p->push, NULL, d, false, &there, err);
	if (r < 0)
		return r;
	if (!str_eq(there.digest, named->digest)) {
		set_descriptor(entry, &there);
		p->changed = true;
	}
	for (size_t i = 0; r == 0 && p->also && i < p->also->count; i++)
		r = push_also(p, d, entry, p->also->items[i], err);
	return r;
}

static int push_entries(struct list_pushing *p, const struct image_index *index, struct err *err)
{
	cJSON *entries = cJSON_GetObjectItemCaseSensitive(p->doc, "manifests");

	for (size_t i = 0; i < index->manifests.count; i++) {
		const struct descriptor *d = &index->manifests.items[i];
		int r = push_entry(p, d, cJSON_GetArrayItem(entries, (int)i), err);
		if (r < 0)
			return err_wrap(err, "cannot push '%.19s' of the list", d->digest);
	}
	return 0;
}

/* A list in docker's form names images in docker's form. */
static void settle_form(struct list_pushing *p)
{
	const char *is = str_or(json_text(p->doc, "mediaType"), MEDIA_OCI_INDEX);
	int format = p->options->format;
	const char *want = format == PUSH_FORMAT_OCI	  ? MEDIA_OCI_INDEX
			   : format == PUSH_FORMAT_DOCKER ? MEDIA_DOCKER_LIST
							  : is;

	if (media_equal(is, want))
		return;
	set_text(p->doc, "mediaType", want);
	if (format == PUSH_FORMAT_DOCKER) {
		cJSON_DeleteItemFromObjectCaseSensitive(p->doc, "annotations");
		cJSON_DeleteItemFromObjectCaseSensitive(p->doc, "subject");
	}
	p->changed = true;
}

static int push_all(struct list_pushing *p, struct engine *engine, const struct image *list,
		    bool all, char **out_digest, int64_t *out_size, struct err *err)
{
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(mem) char *text = NULL;
	size_t size = 0;

	int r = image_list_index(engine->store, list, &index, err);
	if (r == 0)
		r = blob_read(engine->store, list->digest, &text, &size, err);
	if (r == 0)
		r = json_parse(text, size, &p->doc, err);
	if (r == 0 && all)
		r = push_entries(p, index, err);
	if (r < 0)
		return r;
	settle_form(p);
	if (p->changed) {
		free(text);
		text = json_print(p->doc, 0);
		size = strlen(text);
	}
	*out_size = (int64_t)size;
	return push_document(p->push, text, size,
			     str_or(json_text(p->doc, "mediaType"), MEDIA_OCI_INDEX), out_digest,
			     err);
}

int list_push(struct engine *engine, const char *list, const char *destination,
	      const struct push_options *options, bool all, const struct strv *also,
	      struct pushed *out, struct err *err)
{
	AUTO(image) struct image *found = NULL;
	AUTO(push) struct push *push = NULL;
	AUTO(mem) char *digest = NULL;
	int64_t size = 0;

	int r = list_find(engine, list, &found, err);
	if (r == 0 && !destination && !found->name)
		r = err_set(err, -EINVAL, "'%s' is no name to push to", list);
	if (r == 0)
		r = push_open(engine, str_or(destination, found->name), options, &push, err);
	if (r < 0)
		return err_wrap(err, "cannot push '%s'", list);
	AUTO(mem) char *name = push_name(push);
	struct list_pushing p = { .engine = engine, .push = push, .options = options, .also = also };
	if (options->watch && options->watch->begin)
		options->watch->begin(options->watch->data, name);
	r = push_all(&p, engine, found, all, &digest, &size, err);
	cJSON_Delete(p.doc);
	if (r < 0)
		return err_wrap(err, "cannot push '%s'", list);
	event_named(engine->store, EVENT_IMAGE, EVENT_PUSH, found->id, name);
	*out = (struct pushed){ .name = take_ptr(name), .digest = take_ptr(digest), .size = size };
	return 0;
}
