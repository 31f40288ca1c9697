/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * list - images for several machines under one name
 */
#include "engine/list.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "engine/list_source.h"
#include "engine/newimage.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "store/blob.h"
#include "store/event.h"
#include "store/image_list.h"
#include "store/images.h"

enum { MAX_ROUNDS = 100 };

typedef int (*change_fn)(void *data, cJSON *doc, struct err *err);

/* ---- the index in the store ------------------------------------------------------------------- */

int list_find(struct engine *engine, const char *list, struct image **out, struct err *err)
{
	AUTO(image) struct image *image = NULL;

	int r = image_find_any(engine->store, list, &image, err);
	if (r < 0)
		return r;
	if (!image->list)
		return err_set(err, -EINVAL, "'%s' is no list but an image", list);
	*out = take_ptr(image);
	return 0;
}

static int read_list(struct engine *engine, const struct image *list, cJSON **out, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;

	int r = blob_read(engine->store, list->digest, &text, &size, err);
	return r < 0 ? r : json_parse(text, size, out, err);
}

/* Stores an index and tells its digest and type. */
static int keep(struct engine *engine, const cJSON *doc, struct descriptor *out, struct err *err)
{
	AUTO(mem) char *program = host_helper(engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	AUTO(mem) char *text = json_print_text(doc);

	int r = layer_helper_open(&host, &helper, err);
	if (r == 0)
		r = newimage_document(engine, helper, text, &digest, err);
	if (r < 0)
		return r;
	out->digest = take_ptr(digest.digest);
	out->size = digest.size;
	out->media_type = str_dup(str_or(json_text(doc, "mediaType"), MEDIA_OCI_INDEX));
	return 0;
}

static int change_once(struct engine *engine, const char *name, change_fn change, void *data,
		       struct err *err)
{
	AUTO(image) struct image *list = NULL;
	AUTO(json) cJSON *doc = NULL;
	AUTO(descriptor) struct descriptor index = { 0 };

	int r = list_find(engine, name, &list, err);
	if (r == 0)
		r = image_check_own(list, err);
	if (r < 0)
		return r;
	if (!list->name)
		return err_set(err, -EINVAL, "the list '%s' has no name: give it one with tag",
			       name);
	r = read_list(engine, list, &doc, err);
	if (r == 0)
		r = change(data, doc, err);
	if (r == 0)
		r = keep(engine, doc, &index, err);
	return r < 0 ? r : image_list_update(engine->store, list, &index, err);
}

/* Again, from what it is now, when somebody else has changed it meanwhile. */
static int change_list(struct engine *engine, const char *name, change_fn change, void *data,
		       struct err *err)
{
	for (int i = 0; i < MAX_ROUNDS; i++) {
		int r = change_once(engine, name, change, data, err);
		if (r != -EAGAIN)
			return r;
		err_clear(err);
	}
	return err_set(err, -EBUSY, "the list '%s' is changed by others all the time", name);
}

/* ---- changes ---------------------------------------------------------------------------------- */

static void set_annotations(cJSON *object, const struct strv *annotations)
{
	if (!annotations || !annotations->count)
		return;
	cJSON *map = cJSON_GetObjectItemCaseSensitive(object, "annotations");
	if (!map)
		map = cJSON_AddObjectToObject(object, "annotations");
	for (size_t i = 0; i < annotations->count; i++) {
		AUTO(mem) char *key = str_dup(annotations->items[i]);
		const char *value = str_cut(key, '=');
		cJSON_DeleteItemFromObjectCaseSensitive(map, key);
		cJSON_AddStringToObject(map, key, str_or(value, ""));
	}
}

static void set_text(cJSON *object, const char *key, const char *text)
{
	if (!text)
		return;
	cJSON_DeleteItemFromObjectCaseSensitive(object, key);
	if (*text)
		cJSON_AddStringToObject(object, key, text);
}

/* Each use of the option may name several. */
static void set_words(cJSON *object, const char *key, const struct strv *words)
{
	AUTO(strv) struct strv all = { 0 };

	if (!words || !words->count)
		return;
	for (size_t i = 0; i < words->count; i++)
		strv_split(&all, words->items[i], ',');
	cJSON_DeleteItemFromObjectCaseSensitive(object, key);
	cJSON *list = cJSON_AddArrayToObject(object, key);
	for (size_t i = 0; i < all.count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(all.items[i]));
}

static void set_fields(cJSON *entry, const struct list_fields *fields)
{
	cJSON *platform = cJSON_GetObjectItemCaseSensitive(entry, "platform");

	if (!platform)
		platform = cJSON_AddObjectToObject(entry, "platform");
	set_text(platform, "architecture", fields->arch);
	set_text(platform, "os", fields->os);
	set_text(platform, "os.version", fields->os_version);
	set_words(platform, "os.features", fields->os_features);
	set_text(platform, "variant", fields->variant);
	set_words(platform, "features", fields->features);
	if (!platform->child)
		cJSON_DeleteItemFromObjectCaseSensitive(entry, "platform");
	set_annotations(entry, fields->annotations);
}

static cJSON *find_entry(const cJSON *doc, const char *digest)
{
	cJSON *entry;

	cJSON_ArrayForEach(entry, json_get(doc, "manifests")) if (str_eq(json_text(entry, "digest"),
									 digest)) return entry;
	return NULL;
}

struct addition {
	const cJSON *entries;
	const struct list_fields *fields;
};

static int add_entries(void *data, cJSON *doc, unused_arg struct err *err)
{
	const struct addition *addition = data;
	cJSON *list = cJSON_GetObjectItemCaseSensitive(doc, "manifests");
	const cJSON *entry;

	cJSON_ArrayForEach(entry, addition->entries)
	{
		cJSON *old = find_entry(doc, json_text(entry, "digest"));
		cJSON *new = cJSON_Duplicate(entry, true);
		set_fields(new, addition->fields);
		if (old)
			cJSON_ReplaceItemViaPointer(list, old, new);
		else
			cJSON_AddItemToArray(list, new);
	}
	return 0;
}

static int wanted(struct engine *engine, const struct list_fields *fields, struct platform *out)
{
	platform_host(engine->host->machine, out);
	if (fields->arch)
		str_set(&out->architecture, fields->arch);
	if (fields->os)
		str_set(&out->os, fields->os);
	if (fields->arch || fields->variant)
		str_set(&out->variant, fields->variant);
	platform_normalise(out);
	return 0;
}

int list_add(struct engine *engine, const char *list, const char *image,
	     const struct list_source *source, const struct list_fields *fields, struct err *err)
{
	AUTO(json) cJSON *entries = cJSON_CreateArray();
	AUTO(platform) struct platform want = { 0 };
	AUTO(image) struct image *found = NULL;
	struct addition addition = { .entries = entries, .fields = fields };

	/* What cannot be changed needs no registry. */
	int r = list_find(engine, list, &found, err);
	if (r == 0)
		r = wanted(engine, fields, &want);
	if (r == 0)
		r = list_source_find(engine, image, source, &want, entries, err);
	if (r == 0)
		r = change_list(engine, list, add_entries, &addition, err);
	return r < 0 ? err_wrap(err, "cannot add '%s' to '%s'", image, list) : 0;
}

/* A list that is an artifact's: docker's form knows none. */
static int find_for_artifact(struct engine *engine, const char *list, struct err *err)
{
	AUTO(image) struct image *found = NULL;
	int r = list_find(engine, list, &found, err);

	if (r == 0 && media_is_docker(found->media_type))
		return err_set(err, -EINVAL,
			       "'%s' is a list in docker's form, which has no artifacts", list);
	return r;
}

int list_add_artifact(struct engine *engine, const char *list, const struct strv *files,
		      const struct artifact_options *options, const char *subject,
		      const struct list_source *source, const struct list_fields *fields,
		      struct err *err)
{
	AUTO(artifact) struct artifact *artifact = NULL;
	AUTO(json) cJSON *about = cJSON_CreateArray();
	AUTO(json) cJSON *entries = cJSON_CreateArray();
	AUTO(platform) struct platform want = { 0 };
	struct addition addition = { .entries = entries, .fields = fields };

	platform_host(engine->host->machine, &want);
	int r = find_for_artifact(engine, list, err);
	if (r == 0 && subject)
		r = list_source_find(engine, subject, source, &want, about, err);
	if (r == 0)
		r = artifact_make(engine, files, options, cJSON_GetArrayItem(about, 0), &artifact,
				  err);
	if (r < 0)
		return err_wrap(err, "cannot add an artifact to '%s'", list);
	cJSON_AddItemToArray(entries, cJSON_Duplicate(artifact_entry(artifact), true));
	return change_list(engine, list, add_entries, &addition, err);
}

struct note {
	const char *digest;
	const struct list_fields *fields;
};

static int no_entry(const char *digest, struct err *err)
{
	return err_set(err, -ENOENT, "the list has no entry '%s'", digest);
}

static int annotate_entry(void *data, cJSON *doc, struct err *err)
{
	const struct note *note = data;
	cJSON *entry = find_entry(doc, note->digest);

	if (!entry)
		return no_entry(note->digest, err);
	set_fields(entry, note->fields);
	return 0;
}

/* The digest of an entry that is named by it, or by a name that leads to it. */
static int entry_digest(struct engine *engine, const char *image, const struct list_source *source,
			char **out, struct err *err)
{
	AUTO(json) cJSON *entries = cJSON_CreateArray();
	AUTO(platform) struct platform want = { 0 };

	if (digest_valid(image)) {
		*out = str_dup(image);
		return 0;
	}
	platform_host(engine->host->machine, &want);
	int r = list_source_find(engine, image, source, &want, entries, err);
	if (r < 0)
		return r;
	*out = str_dup(json_text(cJSON_GetArrayItem(entries, 0), "digest"));
	return 0;
}

int list_annotate(struct engine *engine, const char *list, const char *image,
		  const struct list_source *source, const struct list_fields *fields,
		  struct err *err)
{
	AUTO(mem) char *digest = NULL;

	int r = entry_digest(engine, image, source, &digest, err);
	if (r < 0)
		return r;
	struct note note = { .digest = digest, .fields = fields };
	return change_list(engine, list, annotate_entry, &note, err);
}

struct index_note {
	const struct strv *annotations;
	const cJSON *subject;
};

static int annotate_doc(void *data, cJSON *doc, unused_arg struct err *err)
{
	const struct index_note *note = data;

	set_annotations(doc, note->annotations);
	if (!note->subject)
		return 0;
	cJSON *subject = cJSON_Duplicate(note->subject, true);
	cJSON_DeleteItemFromObjectCaseSensitive(subject, "platform");
	cJSON_DeleteItemFromObjectCaseSensitive(doc, "subject");
	cJSON_AddItemToObject(doc, "subject", subject);
	return 0;
}

int list_annotate_index(struct engine *engine, const char *list, const struct strv *annotations,
			const char *subject, const struct list_source *source, struct err *err)
{
	AUTO(json) cJSON *entries = cJSON_CreateArray();
	AUTO(platform) struct platform want = { 0 };
	struct index_note note = { .annotations = annotations };

	platform_host(engine->host->machine, &want);
	int r = subject ? list_source_find(engine, subject, source, &want, entries, err) : 0;
	if (r < 0)
		return r;
	note.subject = cJSON_GetArrayItem(entries, 0);
	return change_list(engine, list, annotate_doc, &note, err);
}

static int remove_entry(void *data, cJSON *doc, struct err *err)
{
	const char *digest = data;
	cJSON *entry = find_entry(doc, digest);

	if (!entry)
		return no_entry(digest, err);
	cJSON_Delete(cJSON_DetachItemViaPointer(cJSON_GetObjectItemCaseSensitive(doc, "manifests"),
						entry));
	return 0;
}

int list_remove(struct engine *engine, const char *list, const char *digest, struct err *err)
{
	return change_list(engine, list, remove_entry, (void *)digest, err);
}

/* ---- making and showing ----------------------------------------------------------------------- */

static int check_free(struct engine *engine, const char *name, bool amend, struct err *err)
{
	AUTO(images) struct images images = { 0 };

	int r = images_load(engine->store, &images, err);
	for (size_t i = 0; r == 0 && i < images.count; i++) {
		if (!str_eq(images.items[i].name, name))
			continue;
		if (amend && images.items[i].list)
			return 1;
		err_set(err, -EEXIST, "the name '%s' is in use", name);
		return err_hint(err, images.items[i].list
					     ? "add to it with --amend, or remove it first"
					     : "remove that image first, or take another name");
	}
	return r;
}

static cJSON *new_document(const struct engine *engine, const struct strv *annotations)
{
	cJSON *doc = cJSON_CreateObject();

	cJSON_AddNumberToObject(doc, "schemaVersion", 2);
	cJSON_AddStringToObject(doc, "mediaType",
				engine->docker ? MEDIA_DOCKER_LIST : MEDIA_OCI_INDEX);
	cJSON_AddArrayToObject(doc, "manifests");
	set_annotations(doc, annotations);
	return doc;
}

/* @name: whole, or NULL */
static int enter(struct engine *engine, const char *name, const struct descriptor *index,
		 struct err *err)
{
	const struct image image = { .name = (char *)name,
				     .digest = index->digest,
				     .media_type = index->media_type,
				     .manifest_size = index->size,
				     .created = clock_now(),
				     .list = true };

	const int r = image_add(engine->store, &image, true, err);
	if (r == 0 && name)
		event_named(engine->store, EVENT_IMAGE, EVENT_TAG, digest_hex(index->digest), name);
	return r;
}

int list_create(struct engine *engine, const char *name, bool amend, const struct strv *annotations,
		char **out_name, struct err *err)
{
	AUTO(mem) char *whole = NULL;
	AUTO(json) cJSON *doc = new_document(engine, annotations);
	AUTO(descriptor) struct descriptor index = { 0 };

	int r = newimage_name(engine, name, &whole, err);
	if (r == 0)
		r = check_free(engine, whole, amend, err);
	if (r == 0) {
		r = keep(engine, doc, &index, err);
		if (r == 0)
			r = enter(engine, whole, &index, err);
	}
	if (r < 0)
		return r;
	*out_name = take_ptr(whole);
	return 0;
}

int list_make(struct engine *engine, const struct strv *names, const struct strv *digests,
	      struct strv *out_names, char **out_digest, struct err *err)
{
	const struct list_source source = { .here = true };
	AUTO(json) cJSON *doc = new_document(engine, NULL);
	AUTO(descriptor) struct descriptor index = { 0 };
	AUTO(platform) struct platform want = { 0 };
	cJSON *entries = cJSON_GetObjectItemCaseSensitive(doc, "manifests");
	int r = 0;

	platform_host(engine->host->machine, &want);
	for (size_t i = 0; r == 0 && i < names->count; i++) {
		char *whole = NULL;
		r = newimage_name(engine, names->items[i], &whole, err);
		if (r == 0)
			strv_take(out_names, whole);
	}
	for (size_t i = 0; r == 0 && i < digests->count; i++)
		r = list_source_find(engine, digests->items[i], &source, &want, entries, err);
	if (r == 0)
		r = keep(engine, doc, &index, err);
	if (r == 0 && !out_names->count)
		r = enter(engine, NULL, &index, err);
	for (size_t i = 0; r == 0 && i < out_names->count; i++)
		r = enter(engine, out_names->items[i], &index, err);
	if (r == 0)
		*out_digest = take_ptr(index.digest);
	return r;
}

static int local_document(struct engine *engine, const char *name, cJSON **out, char **out_digest,
			  int64_t *out_size, struct err *err)
{
	AUTO(image) struct image *list = NULL;

	int r = list_find(engine, name, &list, err);
	if (r < 0)
		return r;
	if (out_digest)
		*out_digest = str_dup(list->digest);
	if (out_size)
		*out_size = list->manifest_size;
	return read_list(engine, list, out, err);
}

int list_document(struct engine *engine, const char *name, const struct registry_access *registry,
		  cJSON **out, char **out_digest, int64_t *out_size, struct err *err)
{
	AUTO(mem) char *text = NULL;
	AUTO(mem) char *digest = NULL;
	size_t size = 0;

	int r = local_document(engine, name, out, out_digest, out_size, err);
	/* An image that is here is none; what a registry has of that name may be. */
	if (r != -ENOENT && r != -EINVAL)
		return r;
	err_clear(err);
	r = list_source_fetch(engine, name, registry, &text, &size, &digest, err);
	if (r == 0)
		r = json_parse(text, size, out, err);
	if (r < 0)
		return r;
	if (out_digest)
		*out_digest = take_ptr(digest);
	if (out_size)
		*out_size = (int64_t)size;
	return 0;
}
