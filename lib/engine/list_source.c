/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * list_source - the images that a name means, for lists of images
 */
#include "engine/list_source.h"

#include <errno.h>

#include "base/fd.h"
#include "oci/media.h"
#include "oci/reference.h"
#include "oci/transport.h"
#include "remote/client.h"
#include "store/blob.h"
#include "store/image_list.h"
#include "store/images.h"
#include "store/sent.h"

/* A manifest or an index. */
struct document {
	char *text;
	size_t size;
	char *digest;
	char *media_type;
};

struct finder {
	struct engine *engine;
	const struct list_source *source;
	const struct platform *want;
	cJSON *out;

	/* a registry */
	struct reference ref;
	struct loop *loop;
	struct remote *remote;
	struct document *answer;
	struct err *err;
};

static void auto_document(struct document *d)
{
	free(d->text);
	free(d->digest);
	free(d->media_type);
}

static void auto_finder(struct finder *f)
{
	remote_close(f->remote);
	loop_free(f->loop);
	reference_clear(&f->ref);
}

/* ---- a registry ------------------------------------------------------------------------------- */

static void on_answer(void *data, const struct remote_answer *answer, struct err *err)
{
	struct finder *f = data;
	int r = answer ? 0 : err_move(f->err, err);

	if (answer && f->answer) {
		f->answer->digest = str_dup(answer->digest);
		f->answer->media_type = str_dup(answer->media_type);
		r = fd_read_all(answer->memfd, JSON_MAX_BYTES, &f->answer->text, &f->answer->size);
		if (r < 0)
			(void)err_sys(f->err, r, "cannot read the manifest of '%s'", f->ref.path);
	}
	loop_stop(f->loop, r);
}

static int open_registry(struct finder *f, const char *name, struct err *err)
{
	AUTO(remote_settings) struct remote_settings settings = { 0 };

	int r = reference_parse(name, &f->ref, err);
	if (r < 0)
		return r;
	r = registry_settings(f->engine->host, f->engine->docker, &f->source->registry, &settings,
			      err);
	if (r < 0)
		return r;
	r = loop_new(&f->loop);
	if (r < 0)
		return err_sys(err, r, "cannot wait for the registry");
	return remote_open(f->engine->host, &settings, f->loop, &f->remote, err);
}

static int fetch(struct finder *f, const char *digest, struct document *out, struct err *err)
{
	const struct remote_manifest_request request = { .domain = f->ref.domain,
							 .path = f->ref.path,
							 .tag = f->ref.tag,
							 .digest = digest,
							 .done = on_answer,
							 .data = f };

	f->answer = out;
	f->err = err;
	int r = remote_manifest(f->remote, &request, NULL, err);
	return r < 0 ? r : loop_run(f->loop);
}

static int fetch_config(struct finder *f, const struct descriptor *d, struct err *err)
{
	const struct store *store = f->engine->store;
	AUTO(blob_tmp) struct blob_tmp *tmp = NULL;

	if (d->size > JSON_MAX_BYTES)
		return err_set(err, -EFBIG, "the image config is too large");
	int r = blob_tmp_fetch(store, d->digest, 0, &tmp, err);
	if (r == -EEXIST)
		return 0;
	if (r < 0)
		return r;
	const struct remote_blob_request request = { .domain = f->ref.domain,
						     .path = f->ref.path,
						     .digest = d->digest,
						     .size = d->size,
						     .file = tmp->fd,
						     .more = -1,
						     .done = on_answer,
						     .data = f };
	f->answer = NULL;
	f->err = err;
	r = remote_blob(f->remote, &request, NULL, err);
	if (r == 0)
		r = loop_run(f->loop);
	return r < 0 ? r : blob_tmp_commit(store, tmp, d->digest, true, err);
}

/* Where it and its blobs are: who pushes the list takes these from there, or is told of it. */
static void note_places(struct finder *f, const char *digest, const struct manifest *m)
{
	AUTO(sent) struct sent news = { 0 };
	AUTO(mem) char *repository = reference_name(&f->ref);

	sent_note_place(&news, digest, repository);
	sent_note_place(&news, m->config.digest, repository);
	for (size_t i = 0; i < m->layers.count; i++)
		sent_note_place(&news, m->layers.items[i].digest, repository);
	sent_add(f->engine->store, &news);
}

/* ---- descriptors ------------------------------------------------------------------------------ */

static void add_text(cJSON *object, const char *key, const char *text)
{
	if (!str_empty(text))
		cJSON_AddStringToObject(object, key, text);
}

static void add_words(cJSON *object, const char *key, const struct strv *words)
{
	cJSON *list = words->count ? cJSON_AddArrayToObject(object, key) : NULL;

	for (size_t i = 0; i < words->count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(words->items[i]));
}

static cJSON *new_entry(const char *type, const char *digest, int64_t size,
			const struct platform *platform)
{
	cJSON *entry = cJSON_CreateObject();

	cJSON_AddStringToObject(entry, "mediaType", type);
	cJSON_AddStringToObject(entry, "digest", digest);
	cJSON_AddNumberToObject(entry, "size", (double)size);
	if (!platform || !platform->os)
		return entry;
	cJSON *said = cJSON_AddObjectToObject(entry, "platform");
	add_text(said, "architecture", platform->architecture);
	add_text(said, "os", platform->os);
	add_text(said, "os.version", platform->os_version);
	add_words(said, "os.features", &platform->os_features);
	add_text(said, "variant", platform->variant);
	return entry;
}

/* The platform of an image whose config is here; artifacts have none. */
static int add_manifest(struct finder *f, const struct descriptor *d, const struct manifest *m,
			struct err *err)
{
	AUTO(image_config) struct image_config *config = NULL;
	AUTO(mem) char *text = NULL;
	size_t size;

	if (manifest_check_image(m, NULL) == 0) {
		int r = blob_read(f->engine->store, m->config.digest, &text, &size, err);
		if (r == 0)
			r = image_config_parse(text, size, &config, err);
		if (r < 0)
			return r;
	}
	cJSON *entry =
		new_entry(d->media_type, d->digest, d->size, config ? &config->platform : NULL);
	if (!config && media_kind(m->config.media_type) != MEDIA_KIND_CONFIG)
		add_text(entry, "artifactType", str_or(m->artifact_type, m->config.media_type));
	cJSON_AddItemToArray(f->out, entry);
	return 0;
}

static int keep_manifest(struct finder *f, const struct document *doc, struct err *err)
{
	AUTO(manifest) struct manifest *m = NULL;

	int r = manifest_parse(doc->text, doc->size, doc->media_type, &m, err);
	if (r == 0)
		r = fetch_config(f, &m->config, err);
	if (r == 0)
		r = blob_put(f->engine->store, doc->digest, doc->text, doc->size, true, err);
	if (r < 0)
		return r;
	note_places(f, doc->digest, m);
	const struct descriptor d = { .media_type = m->media_type,
				      .digest = doc->digest,
				      .size = (int64_t)doc->size };
	return add_manifest(f, &d, m, err);
}

/* What an index says of its entry counts more than what its image says. */
static void take_said(cJSON *index, size_t at, cJSON *out)
{
	const cJSON *said = cJSON_GetArrayItem(json_get(index, "manifests"), (int)at);

	cJSON_ReplaceItemInArray(out, cJSON_GetArraySize(out) - 1, cJSON_Duplicate(said, true));
}

static int keep_index(struct finder *f, const struct document *doc, struct err *err)
{
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(json) cJSON *raw = NULL;

	int r = image_index_parse(doc->text, doc->size, doc->media_type, &index, err);
	if (r == 0)
		r = json_parse(doc->text, doc->size, &raw, err);
	int chosen = r == 0 && !f->source->all ? image_index_choose(index, f->want, err) : 0;
	if (r < 0 || chosen < 0)
		return r < 0 ? r : chosen;
	for (size_t i = 0; r == 0 && i < index->manifests.count; i++) {
		AUTO(document) struct document one = { 0 };
		if (!f->source->all && (int)i != chosen)
			continue;
		r = fetch(f, index->manifests.items[i].digest, &one, err);
		if (r == 0 && !one.media_type)
			one.media_type = str_dup(index->manifests.items[i].media_type);
		if (r == 0)
			r = keep_manifest(f, &one, err);
		if (r == 0)
			take_said(raw, i, f->out);
	}
	return r;
}

static bool is_index(const struct document *doc)
{
	AUTO(image_index) struct image_index *index = NULL;

	if (media_kind(doc->media_type) != MEDIA_KIND_UNKNOWN)
		return media_kind(doc->media_type) == MEDIA_KIND_INDEX;
	return image_index_parse(doc->text, doc->size, NULL, &index, NULL) == 0;
}

static int find_remote(struct finder *f, const char *name, struct err *err)
{
	AUTO(document) struct document doc = { 0 };

	int r = open_registry(f, name, err);
	if (r == 0)
		r = fetch(f, f->ref.digest, &doc, err);
	if (r < 0)
		return r;
	return is_index(&doc) ? keep_index(f, &doc, err) : keep_manifest(f, &doc, err);
}

/* ---- the store -------------------------------------------------------------------------------- */

static int add_image(struct finder *f, const struct image *image, struct err *err)
{
	AUTO(manifest) struct manifest *m = NULL;
	const struct descriptor d = { .media_type = image->media_type,
				      .digest = image->digest,
				      .size = image->manifest_size };

	int r = image_manifest(f->engine->store, image, &m, err);
	return r < 0 ? r : add_manifest(f, &d, m, err);
}

/* All entries as they are, or the one that suits. */
static int add_list(struct finder *f, const struct image *list, struct err *err)
{
	AUTO(image_index) struct image_index *index = NULL;
	AUTO(json) cJSON *raw = NULL;
	AUTO(mem) char *text = NULL;
	size_t size;
	int i = 0;

	int r = image_list_index(f->engine->store, list, &index, err);
	if (r == 0)
		r = blob_read(f->engine->store, list->digest, &text, &size, err);
	if (r == 0)
		r = json_parse(text, size, &raw, err);
	int chosen = r == 0 && !f->source->all ? image_index_choose(index, f->want, err) : 0;
	if (r < 0 || chosen < 0)
		return r < 0 ? r : chosen;
	const cJSON *entry;
	cJSON_ArrayForEach(entry, json_get(raw, "manifests"))
	{
		if (f->source->all || i == chosen)
			cJSON_AddItemToArray(f->out, cJSON_Duplicate(entry, true));
		i++;
	}
	return 0;
}

static int find_local(struct finder *f, const char *name, struct err *err)
{
	AUTO(image) struct image *image = NULL;

	int r = image_find_any(f->engine->store, name, &image, err);
	if (r < 0)
		return r;
	return image->list ? add_list(f, image, err) : add_image(f, image, err);
}

int list_source_find(struct engine *engine, const char *text, const struct list_source *source,
		     const struct platform *want, cJSON *out, struct err *err)
{
	AUTO(finder)
	struct finder f = { .engine = engine, .source = source, .want = want, .out = out };
	AUTO(transport) struct transport t = { 0 };

	if (source->here)
		return find_local(&f, text, err);
	int r = transport_parse(text, &t, err);
	if (r < 0)
		return r;
	if (transport_is_file(t.kind)) {
		(void)err_set(err, -EINVAL,
			      "images of files do not come into a list by themselves");
		return err_hint(err, "take it first, with: cubby pull %s", text);
	}
	if (t.kind == TRANSPORT_STORAGE)
		return find_local(&f, t.names.count ? t.names.items[0] : "", err);
	r = engine->docker || t.kind == TRANSPORT_REGISTRY ? -ENOENT : find_local(&f, text, err);
	if (r != -ENOENT)
		return r;
	err_clear(err);
	return find_remote(&f, transport_registry(text), err);
}

int list_source_fetch(struct engine *engine, const char *name,
		      const struct registry_access *registry, char **out_text, size_t *out_size,
		      char **out_digest, struct err *err)
{
	const struct list_source source = { .registry = *registry };
	AUTO(finder) struct finder f = { .engine = engine, .source = &source };
	AUTO(document) struct document doc = { 0 };

	int r = open_registry(&f, transport_registry(name), err);
	if (r == 0)
		r = fetch(&f, f.ref.digest, &doc, err);
	if (r < 0)
		return r;
	*out_text = take_ptr(doc.text);
	*out_size = doc.size;
	if (out_digest)
		*out_digest = take_ptr(doc.digest);
	return 0;
}
