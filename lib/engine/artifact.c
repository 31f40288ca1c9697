/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * artifact - files that go into a list of images as they are
 *
 * All files are copied and hashed first; then their digests are locked in the order of their names
 * (store/lock.h), and only then they become blobs that a prune could see.
 */
#include "engine/artifact.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "engine/newimage.h"
#include "oci/media.h"
#include "store/lock.h"

#define TITLE "org.opencontainers.image.title"

static const struct {
	const char *end, *type;
} guesses[] = {
	{ ".json", "application/json" }, { ".txt", "text/plain" },
	{ ".md", "text/markdown" },	 { ".html", "text/html" },
	{ ".yaml", "application/yaml" }, { ".yml", "application/yaml" },
	{ ".pdf", "application/pdf" },	 { ".tar", "application/x-tar" },
	{ ".gz", "application/gzip" },	 { ".tgz", "application/gzip" },
	{ ".zst", "application/zstd" },	 { ".zip", "application/zip" },
	{ ".png", "image/png" },	 { ".jpg", "image/jpeg" },
	{ ".svg", "image/svg+xml" },	 { ".wasm", "application/wasm" },
};

/* A file that has come in. */
struct part {
	struct blob_tmp *blob;
	struct layer_digest digest;
	int lock;
	bool kept; /* it is a blob */
};

struct artifact {
	struct engine *engine;
	struct layer_helper *helper;
	struct {
		struct part *items;
		size_t count;
	} parts;
	cJSON *entry;
};

const char *artifact_guess(const char *path)
{
	const char *end = strrchr(path, '.');

	for (size_t i = 0; end && i < array_len(guesses); i++)
		if (strcasecmp(end, guesses[i].end) == 0)
			return guesses[i].type;
	return "application/octet-stream";
}

static int open_file(const char *path, struct err *err)
{
	struct stat st;
	/* Opening a FIFO would wait. */
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_sys(err, -errno, "cannot read '%s'", path);
	if (fstat(fd, &st) < 0)
		return err_sys(err, -errno, "cannot read '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "'%s' is no regular file", path);
	return take_fd(fd);
}

static int take_in(struct artifact *a, const char *path, struct err *err)
{
	AUTO(fd) int fd = open_file(path, err);

	if (fd < 0)
		return fd;
	struct part *part = vec_push(&a->parts);
	*part = (struct part){ .lock = -1 };
	return newimage_blob(a->engine, a->helper, fd, 0, &part->blob, &part->digest, err);
}

static int by_digest(const void *a, const void *b)
{
	const struct part *const *x = a, *const *y = b;

	return strcmp((*x)->digest.digest, (*y)->digest.digest);
}

/* The locks keep the blobs until the list refers to them; two files may be the same. */
static int keep_parts(struct artifact *a, struct err *err)
{
	const struct store *store = a->engine->store;
	AUTO(mem) struct part **sorted = mem_alloc(a->parts.count, sizeof *sorted);
	int r = 0;

	for (size_t i = 0; i < a->parts.count; i++)
		sorted[i] = &a->parts.items[i];
	qsort(sorted, a->parts.count, sizeof *sorted, by_digest);
	for (size_t i = 0; r == 0 && i < a->parts.count; i++)
		r = lock_take(store, LOCK_BLOB, sorted[i]->digest.digest, LOCK_SHARED,
			      &sorted[i]->lock, err);
	for (size_t i = 0; r == 0 && i < a->parts.count; i++) {
		struct part *part = &a->parts.items[i];
		r = blob_tmp_commit(store, part->blob, part->digest.digest, true, err);
		part->kept = r == 0;
	}
	return r;
}

static cJSON *descriptor(const char *type, const char *digest, int64_t size)
{
	cJSON *d = cJSON_CreateObject();

	cJSON_AddStringToObject(d, "mediaType", type);
	cJSON_AddStringToObject(d, "digest", digest);
	cJSON_AddNumberToObject(d, "size", (double)size);
	return d;
}

static int make_config(struct artifact *a, const struct artifact_options *o, size_t files,
		       cJSON **out, struct err *err)
{
	AUTO(layer_digest) struct layer_digest empty = { 0 };
	const struct layer_digest *digest = &empty;
	const char *type = o->config ? MEDIA_OCI_CONFIG : ARTIFACT_EMPTY;

	if (o->config)
		digest = &a->parts.items[files].digest;
	else if (newimage_document(a->engine, a->helper, "{}", &empty, err) < 0)
		return err->code;
	*out = descriptor(str_or(o->config_type, type), digest->digest, digest->size);
	return 0;
}

static void add_layer(const struct part *part, const char *path, const struct artifact_options *o,
		      cJSON *layers)
{
	cJSON *layer = descriptor(str_or(o->layer_type, artifact_guess(path)), part->digest.digest,
				  part->digest.size);

	if (!o->no_titles)
		cJSON_AddStringToObject(cJSON_AddObjectToObject(layer, "annotations"), TITLE,
					basename(path));
	cJSON_AddItemToArray(layers, layer);
}

static int make_manifest(struct artifact *a, const struct strv *files,
			 const struct artifact_options *o, const cJSON *subject, struct err *err)
{
	AUTO(json) cJSON *doc = cJSON_CreateObject();
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	const char *type = str_or(o->type, ARTIFACT_UNKNOWN);
	cJSON *config = NULL;

	int r = make_config(a, o, files->count, &config, err);
	if (r < 0)
		return r;
	cJSON_AddNumberToObject(doc, "schemaVersion", 2);
	cJSON_AddStringToObject(doc, "mediaType", MEDIA_OCI_MANIFEST);
	cJSON_AddStringToObject(doc, "artifactType", type);
	cJSON_AddItemToObject(doc, "config", config);
	cJSON *layers = cJSON_AddArrayToObject(doc, "layers");
	for (size_t i = 0; i < files->count; i++)
		add_layer(&a->parts.items[i], files->items[i], o, layers);
	if (subject) {
		cJSON *copy = cJSON_Duplicate(subject, true);
		cJSON_DeleteItemFromObjectCaseSensitive(copy, "platform");
		cJSON_AddItemToObject(doc, "subject", copy);
	}
	AUTO(mem) char *text = json_print(doc, 0);
	r = newimage_document(a->engine, a->helper, text, &digest, err);
	if (r < 0)
		return r;
	a->entry = descriptor(MEDIA_OCI_MANIFEST, digest.digest, digest.size);
	cJSON_AddStringToObject(a->entry, "artifactType", type);
	return 0;
}

int artifact_make(struct engine *engine, const struct strv *files,
		  const struct artifact_options *options, const cJSON *subject,
		  struct artifact **out, struct err *err)
{
	AUTO(mem) char *program = host_helper(engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };
	AUTO(artifact) struct artifact *a = mem_new(struct artifact);

	a->engine = engine;
	int r = layer_helper_open(&host, &a->helper, err);
	for (size_t i = 0; r == 0 && i < files->count; i++)
		r = take_in(a, files->items[i], err);
	if (r == 0 && options->config)
		r = take_in(a, options->config, err);
	if (r == 0)
		r = keep_parts(a, err);
	if (r == 0)
		r = make_manifest(a, files, options, subject, err);
	if (r < 0)
		return r;
	*out = take_ptr(a);
	return 0;
}

const cJSON *artifact_entry(const struct artifact *artifact)
{
	return artifact->entry;
}

void artifact_free(struct artifact *artifact)
{
	if (!artifact)
		return;
	for (size_t i = 0; i < artifact->parts.count; i++) {
		struct part *part = &artifact->parts.items[i];
		if (part->blob && !part->kept)
			blob_tmp_drop(artifact->engine->store, part->blob);
		blob_tmp_free(part->blob);
		layer_digest_clear(&part->digest);
		fd_close(part->lock);
	}
	free(artifact->parts.items);
	layer_helper_close(artifact->helper);
	cJSON_Delete(artifact->entry);
	free(artifact);
}
