/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save - images into an archive or an OCI layout
 *
 * What goes in is decided first, as a list of parts; cubby-layer writes it, inflating and hashing.
 * docker's archive needs plain layers, whose digests are the diff ids, and knows no manifests.
 */
#include "engine/save.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "engine/lowers.h"
#include "engine/unpack.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "oci/reference.h"
#include "store/blob.h"
#include "store/event.h"
#include "store/images.h"
#include "store/layers.h"

enum { COPY = 1 << 20 };

const char *const save_format_names[] = { "docker-archive", "oci-archive", "oci-dir", NULL };

/* One image with all names that it shall have. */
struct saved {
	struct image *image;
	struct manifest *manifest;
	struct image_config *config;
	struct strv names;
};

struct plan {
	struct saved *items;
	size_t count;
	struct layer_parts parts;
};

static void auto_plan(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		image_free(plan->items[i].image);
		manifest_free(plan->items[i].manifest);
		image_config_free(plan->items[i].config);
		strv_clear(&plan->items[i].names);
	}
	free(plan->items);
	for (size_t i = 0; i < plan->parts.count; i++) {
		struct layer_part *p = &plan->parts.items[i];
		free(p->name);
		free(p->path);
		free(p->text);
		free(p->digest);
	}
	free(plan->parts.items);
}

/* --- which images --------------------------------------------------------------------- */

static bool is_id(const struct image *image, const char *text)
{
	const char *hex = str_starts(text, DIGEST_PREFIX);

	return str_starts(image->id, hex ? hex : text) || str_eq(image->digest, text);
}

static struct saved *find_saved(struct plan *plan, const char *digest)
{
	for (size_t i = 0; i < plan->count; i++)
		if (str_eq(plan->items[i].image->digest, digest))
			return &plan->items[i];
	return NULL;
}

static int find_one(struct engine *engine, struct plan *plan, const char *name, struct err *err)
{
	AUTO(image) struct image *image = NULL;

	int r = image_find(engine->store, name, &image, err);
	if (r < 0)
		return r;
	/* Who asks by id saves no name. */
	const char *known = is_id(image, name) ? NULL : image->name;
	struct saved *saved = find_saved(plan, image->digest);
	if (!saved) {
		saved = mem_push(plan->items, &plan->count, sizeof *saved);
		plan->items = saved;
		saved = &plan->items[plan->count - 1];
		saved->image = take_ptr(image);
		r = image_manifest(engine->store, saved->image, &saved->manifest, err);
		if (r == 0)
			r = image_config(engine->store, saved->image, &saved->config, err);
		if (r == 0)
			r = image_config_check(saved->config, saved->manifest, err);
	}
	if (r == 0 && known && strv_find(&saved->names, known) < 0)
		strv_add(&saved->names, known);
	return r < 0 ? err_wrap(err, "cannot save '%s'", name) : 0;
}

/* --- parts ------------------------------------------------------------------------------ */

static struct layer_part *add_part(struct plan *plan, char *name)
{
	struct layer_part *part = vec_push(&plan->parts);

	part->name = name;
	return part;
}

static bool has_part(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->parts.count; i++)
		if (str_eq(plan->parts.items[i].name, name))
			return true;
	return false;
}

static int compare_parts(const void *a, const void *b)
{
	return strcmp(((const struct layer_part *)a)->name, ((const struct layer_part *)b)->name);
}

static char *blob_path(const char *digest)
{
	return str_fmt("blobs/sha256/%s", digest_hex(digest));
}

/* Where the helper finds it: in the store, or in one that is read too. */
static char *blob_place(const struct store *store, const char *digest)
{
	AUTO(mem) char *rel = blob_path(digest);

	for (size_t i = 0;
	     blob_state_own(store, digest, NULL) == BLOB_NONE && i < store->more.count; i++)
		if (blob_state_own(store->more.items[i], digest, NULL) != BLOB_NONE)
			return str_fmt("@%zu/%s", i + 1, rel);
	return take_ptr(rel);
}

/* The folders of the names, as parts of their own, so that every reader finds them. */
static void add_folders(struct plan *plan)
{
	add_part(plan, str_dup("blobs/"));
	add_part(plan, str_dup("blobs/sha256/"));
}

static int add_blob(struct engine *engine, struct plan *plan, const struct descriptor *d,
		    const char *name, const char *diff_id, struct err *err)
{
	AUTO(mem) char *owned = str_dup(name);

	if (has_part(plan, name))
		return 0;
	if (blob_state(engine->store, d->digest, NULL) == BLOB_NONE)
		return err_set(err, -ENOENT, "the blob '%s' is not in the store any more",
			       d->digest);
	struct layer_part *part = add_part(plan, take_ptr(owned));
	part->path = blob_place(engine->store, d->digest);
	part->inflate = diff_id != NULL;
	part->digest = str_dup(diff_id ? diff_id : d->digest);
	return 0;
}

/* --- docker's archive ---------------------------------------------------------------------- */

/* How long a layer of an image is when it is plain; 0 when only inflating it would tell. */
static int64_t plain_size(const struct engine *engine, const struct saved *saved, size_t at)
{
	const struct strv *keys = &saved->image->layers;
	const struct descriptor *d = &saved->manifest->layers.items[at];
	const char *diff_id = saved->config->diff_ids.items[at];
	AUTO(layer) struct layer *layer = NULL;

	if (str_eq(diff_id, d->digest))
		return d->size;
	if (at >= keys->count || layer_find(engine->store, keys->items[at], NULL, &layer) < 0)
		return 0;
	return str_eq(layer->diff_id, digest_hex(diff_id)) ? layer->tar_size : 0;
}

static int add_docker_layer(struct engine *engine, struct plan *plan, const struct saved *saved,
			    size_t at, const char *name, struct err *err)
{
	size_t before = plan->parts.count;

	int r = add_blob(engine, plan, &saved->manifest->layers.items[at], name,
			 saved->config->diff_ids.items[at], err);
	if (r == 0 && plan->parts.count > before)
		plan->parts.items[before].size = plain_size(engine, saved, at);
	return r;
}

static int add_docker_image(struct engine *engine, struct plan *plan, const struct saved *saved,
			    cJSON *list, struct err *err)
{
	const struct manifest *m = saved->manifest;
	cJSON *entry = cJSON_CreateObject();
	AUTO(mem) char *config = str_fmt("%s.json", digest_hex(m->config.digest));

	cJSON_AddItemToArray(list, entry);
	cJSON_AddStringToObject(entry, "Config", config);
	cJSON *tags = cJSON_AddArrayToObject(entry, "RepoTags");
	for (size_t i = 0; i < saved->names.count; i++)
		cJSON_AddItemToArray(tags, cJSON_CreateString(saved->names.items[i]));
	cJSON *layers = cJSON_AddArrayToObject(entry, "Layers");
	int r = add_blob(engine, plan, &m->config, config, NULL, err);
	for (size_t i = 0; r == 0 && i < m->layers.count; i++) {
		const char *diff_id = saved->config->diff_ids.items[i];
		AUTO(mem) char *name = str_fmt("%s.tar", digest_hex(diff_id));
		cJSON_AddItemToArray(layers, cJSON_CreateString(name));
		r = add_docker_layer(engine, plan, saved, i, name, err);
	}
	return r;
}

static int plan_docker(struct engine *engine, struct plan *plan, struct err *err)
{
	AUTO(json) cJSON *list = cJSON_CreateArray();
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->count; i++)
		r = add_docker_image(engine, plan, &plan->items[i], list, err);
	if (r < 0)
		return r;
	struct layer_part *part = add_part(plan, str_dup("manifest.json"));
	part->text = json_print(list, 0);
	return 0;
}

/* --- OCI layout ------------------------------------------------------------------------------- */

static void add_entry(struct image_index *index, const struct saved *saved, const char *name)
{
	struct descriptor *d = vec_push(&index->manifests);

	*d = (struct descriptor){
		.media_type = str_dup(saved->image->media_type),
		.digest = str_dup(saved->image->digest),
		.size = saved->image->manifest_size,
	};
	if (name)
		strv_addf(&d->annotations, "org.opencontainers.image.ref.name=%s", name);
}

static int add_oci_image(struct engine *engine, struct plan *plan, const struct saved *saved,
			 struct image_index *index, struct err *err)
{
	const struct manifest *m = saved->manifest;
	const struct descriptor manifest = { .digest = saved->image->digest,
					     .size = saved->image->manifest_size };
	const struct descriptor *blobs[] = { &manifest, &m->config };
	int r = 0;

	for (size_t i = 0; r == 0 && i < array_len(blobs) + m->layers.count; i++) {
		const struct descriptor *d =
			i < array_len(blobs) ? blobs[i] : &m->layers.items[i - array_len(blobs)];
		AUTO(mem) char *name = blob_path(d->digest);
		r = add_blob(engine, plan, d, name, NULL, err);
	}
	for (size_t i = 0; i < saved->names.count; i++)
		add_entry(index, saved, saved->names.items[i]);
	if (!saved->names.count)
		add_entry(index, saved, NULL);
	return r;
}

static int plan_oci(struct engine *engine, struct plan *plan, struct err *err)
{
	AUTO(image_index) struct image_index *index = mem_new(struct image_index);
	int r = 0;

	index->schema_version = 2;
	index->media_type = str_dup(MEDIA_OCI_INDEX);
	add_folders(plan);
	for (size_t i = 0; r == 0 && i < plan->count; i++)
		r = add_oci_image(engine, plan, &plan->items[i], index, err);
	if (r < 0)
		return r;
	struct layer_part *part = add_part(plan, str_dup("index.json"));
	part->text = image_index_print(index);
	part = add_part(plan, str_dup("oci-layout"));
	part->text = str_dup("{\"imageLayoutVersion\":\"1.0.0\"}");
	return 0;
}

static int make_plan(struct engine *engine, const struct strv *names, bool docker,
		     struct plan *plan, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < names->count; i++)
		r = find_one(engine, plan, names->items[i], err);
	if (r == 0)
		r = docker ? plan_docker(engine, plan, err) : plan_oci(engine, plan, err);
	if (r == 0)
		qsort(plan->parts.items, plan->parts.count, sizeof *plan->parts.items,
		      compare_parts);
	return r;
}

/* --- writing ----------------------------------------------------------------------------------- */

static void tell_saved(struct engine *engine, const struct strv *names)
{
	for (size_t i = 0; i < names->count; i++) {
		AUTO(image) struct image *image = NULL;
		if (image_find(engine->store, names->items[i], &image, NULL) == 0)
			event_named(engine->store, EVENT_IMAGE, EVENT_SAVE, image->id,
				    str_or(image->name, names->items[i]));
	}
}

int images_save(struct engine *engine, const struct strv *names, enum save_format format, int to,
		struct err *err)
{
	AUTO(plan) struct plan plan = { 0 };
	AUTO(mem) char *program = host_helper(engine->host, "cubby-layer");
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	/* Blobs are the user's own files: no other ids are needed. */
	const struct layer_host host = { .program = program, .userns = -1 };

	bug_unless(format != SAVE_OCI_DIR);
	int r = make_plan(engine, names, format == SAVE_DOCKER_ARCHIVE, &plan, err);
	if (r == 0)
		r = layer_helper_open(&host, &helper, err);
	if (r < 0)
		return r;
	const struct layer_archive archive = {
		.out = to,
		.dir = engine->store->dir,
		.parts = plan.parts,
		.more = lowers_folders(engine->store),
	};
	r = layer_archive(helper, &archive, err);
	if (r >= 0)
		tell_saved(engine, names);
	return r;
}

static int copy_content(int from, int to)
{
	ssize_t n;

	while ((n = copy_file_range(from, NULL, to, NULL, COPY, 0)) > 0)
		;
	if (n == 0)
		return 0;
	if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return -errno;
	AUTO(mem) char *buffer = mem_alloc(COPY, 1);
	while ((n = read(from, buffer, COPY)) > 0) {
		int r = fd_write_all(to, buffer, (size_t)n);
		if (r < 0)
			return r;
	}
	return n < 0 ? -errno : 0;
}

static int copy_blob(struct engine *engine, int dir, const struct layer_part *part, struct err *err)
{
	AUTO(fd) int from = blob_open(engine->store, part->digest, err);
	AUTO(fd) int to = -1;

	if (from < 0)
		return from;
	to = openat(dir, part->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int r = to < 0 ? -errno : copy_content(from, to);
	return r < 0 ? err_sys(err, r, "cannot write '%s'", part->name) : 0;
}

static int write_part(struct engine *engine, int dir, const struct layer_part *part,
		      struct err *err)
{
	if (part->path)
		return copy_blob(engine, dir, part, err);
	int r = 0;
	if (part->text)
		r = file_write(dir, part->name, 0644, part->text, strlen(part->text));
	else if (mkdirat(dir, part->name, 0755) < 0)
		r = -errno;
	return r < 0 ? err_sys(err, r, "cannot write '%s'", part->name) : 0;
}

static bool is_empty(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	int names = 0;

	if (!list) {
		fd_close(copy);
		return false;
	}
	while (readdir(list))
		names++;
	closedir(list);
	return names == 2; /* itself and its parent */
}

int images_save_dir(struct engine *engine, const struct strv *names, const char *path,
		    struct err *err)
{
	AUTO(plan) struct plan plan = { 0 };

	int r = make_plan(engine, names, false, &plan, err);
	if (r < 0)
		return r;
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return err_sys(err, -errno, "cannot make '%s'", path);
	AUTO(fd) int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_sys(err, -errno, "cannot open '%s'", path);
	if (!is_empty(dir))
		return err_set(err, -ENOTEMPTY, "the folder '%s' is not empty", path);
	for (size_t i = 0; r == 0 && i < plan.parts.count; i++)
		r = write_part(engine, dir, &plan.parts.items[i], err);
	if (r >= 0)
		tell_saved(engine, names);
	return r;
}
