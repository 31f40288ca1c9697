/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layers - unpacked layers
 */
#include "store/layers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"

enum { GENERATIONS_MAX = 1000 };

#define L(kind, f) J_##kind(#f, struct layer, f)
static const struct jfield layer_fields[] = {
	L(TEXT, key),	  L(TEXT, diff_id),
	L(TEXT, blob),	  L(I64, blob_size),
	L(I64, size),	  L(I64, tar_size),
	L(TEXT, map),	  L(TEXT, host_id),
	L(TEXT, boot_id), L(BOOL, durable),
	L(BOOL, packed),  L(STRV, copies),
	L(TEXT, file),	  J_END,
};
#undef L

static char *generation(const char *key, int n)
{
	return n ? str_fmt("layers/%s.%d", key, n) : str_fmt("layers/%s", key);
}

char *layer_map(const struct idmap *uids, const struct idmap *gids)
{
	AUTO(strv) struct strv parts = { 0 };

	idmap_texts(uids, &parts);
	strv_add(&parts, "/");
	idmap_texts(gids, &parts);
	return str_join(&parts, ",");
}

/* ---- finding ---------------------------------------------------------------------------------- */

static int meta_load(const struct store *store, const char *rel, struct layer **out)
{
	AUTO(mem) char *file = str_fmt("%s/meta.json", rel);
	AUTO(json) cJSON *json = NULL;
	AUTO(layer) struct layer *layer = mem_new(struct layer);
	int r = json_load(store->dir, file, &json, NULL);

	if (r == 0)
		r = jfield_load(layer_fields, json, layer, NULL);
	if (r < 0)
		return r;
	if (layer->file && strchr(layer->file, '/'))
		return -EBADMSG;
	layer->path = str_fmt("%s/%s/%s", store->path, rel, str_or(layer->file, "diff"));
	*out = take_ptr(layer);
	return 0;
}

static bool usable(const struct store *store, const struct layer *layer, const char *map)
{
	if (map && !layer->file && !str_eq(layer->map, map))
		return false;
	return layer->durable ||
	       (str_eq(layer->host_id, store->host_id) && str_eq(layer->boot_id, store->boot_id));
}

static bool generation_there(const struct store *store, const char *rel)
{
	return faccessat(store->dir, rel, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Who removes a store while its last pull is still being marked leaves a name without what it names. */
static bool content_there(const struct store *store, const char *rel, const struct layer *layer)
{
	AUTO(mem) char *content = str_fmt("%s/%s", rel, str_or(layer->file, "diff"));

	return faccessat(store->dir, content, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* In the store itself. Stops at the first name that is free; a damaged one is passed over. */
static int find(const struct store *store, const char *key, const char *map, struct layer **out,
		char **out_rel)
{
	for (int n = 0; n < GENERATIONS_MAX; n++) {
		AUTO(mem) char *rel = generation(key, n);
		AUTO(layer) struct layer *layer = NULL;
		int r = meta_load(store, rel, &layer);
		if (r == -ENOENT && !generation_there(store, rel))
			break;
		if (r < 0 || !usable(store, layer, map) || !content_there(store, rel, layer))
			continue;
		*out = take_ptr(layer);
		*out_rel = take_ptr(rel);
		return 0;
	}
	return -ENOENT;
}

int layer_find(const struct store *store, const char *key, const char *map, struct layer **out)
{
	AUTO(layer) struct layer *layer = NULL;
	AUTO(mem) char *rel = NULL;
	int r = find(store, key, map, &layer, &rel);

	for (size_t i = 0; r == -ENOENT && i < store->more.count; i++)
		r = find(store->more.items[i], key, map, &layer, &rel);
	if (r == 0 && out)
		*out = take_ptr(layer);
	return r;
}

static bool lies_in(const char *path, const char *folder)
{
	const char *rest = str_starts(path, folder);

	return rest && *rest == '/';
}

int64_t layer_bytes(const struct store *store, const char *key)
{
	AUTO(layer) struct layer *layer = NULL;

	return layer_find(store, key, NULL, &layer) == 0 ? layer->size : 0;
}

const char *layer_store(const struct store *store, const struct layer *layer)
{
	if (lies_in(layer->path, store->path))
		return NULL;
	for (size_t i = 0; i < store->more.count; i++)
		if (lies_in(layer->path, store->more.items[i]->path))
			return store->more.items[i]->path;
	return NULL;
}

char *layer_recipe_rel(const struct store *store, const struct layer *layer)
{
	const char *rel = layer->path + strlen(store->path) + 1;

	return str_fmt("%.*s/recipe", (int)(strlen(rel) - strlen("/diff")), rel);
}

int layer_list(const struct store *store, struct strv *out, struct err *err)
{
	int fd = openat(store->dir, "layers", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		int r = -errno;
		fd_close(fd);
		return err_sys(err, r, "cannot read '%s/layers'", store->path);
	}
	/* Generation 0 is there whenever a later one is. */
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (str_hex(e->d_name, 64))
			strv_add(out, e->d_name);
	closedir(dir);
	return 0;
}

/* ---- making ----------------------------------------------------------------------------------- */

/*
 * Tells ext4 that what is made here has nothing to do with what is beside it, so that it looks for a
 * group of blocks by a hash of the name. Otherwise layers follow each other in one group; there, where
 * the file system has no journal, each new file passes over all inodes that were freed in the last
 * minutes. It is a hint; other file systems refuse it.
 */
static void spread(int dir)
{
	int flags;

	if (ioctl(dir, FS_IOC_GETFLAGS, &flags) < 0)
		return;
	flags |= FS_TOPDIR_FL;
	(void)ioctl(dir, FS_IOC_SETFLAGS, &flags);
}

/* It is made under the folder's own name, which is random, for the sake of spread(). */
static int make_diff(const struct temp *temp, const struct store *store)
{
	const char *random = strrchr(temp->rel, '/') + 1;

	AUTO(fd) int dir = openat(store->dir, temp->rel, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	spread(dir);
	if (mkdirat(dir, random, 0755) < 0 || fchmodat(dir, random, 0755, 0) < 0 ||
	    renameat(dir, random, dir, "diff") < 0)
		return -errno;
	return 0;
}

int layer_tmp_create(const struct store *store, struct temp **out, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;
	int r = temp_dir(store, 0755, &temp, err);

	if (r < 0)
		return r;
	r = make_diff(temp, store);
	if (r < 0)
		return err_sys(err, r, "cannot make '%s/diff'", temp->path);
	*out = take_ptr(temp);
	return 0;
}

static int meta_save(const struct store *store, const char *rel, const struct layer *layer,
		     bool durable)
{
	AUTO(mem) char *file = str_fmt("%s/meta.json", rel);
	AUTO(json) cJSON *json = jfield_save(layer_fields, layer);
	AUTO(mem) char *text = json_print(json, 0);

	return file_replace(store->dir, file, store_mode(store, 0600), text, strlen(text), durable);
}

static int commit_beside(const struct store *store, struct temp *temp, const char *key,
			 struct err *err)
{
	for (int n = 0; n < GENERATIONS_MAX; n++) {
		AUTO(mem) char *rel = generation(key, n);
		int r = temp_commit(store, temp, rel, err);
		if (r != -EEXIST)
			return r;
		err_clear(err ? err : &(struct err){ 0 });
	}
	return err_set(err, -EMFILE, "too many copies of the layer '%.12s'", key);
}

/* A layer is on disk when its files are, and its name. */
static int sync_store(const struct store *store)
{
	return syncfs(store->dir) < 0 ? -errno : 0;
}

int layer_commit(const struct store *store, struct temp *temp, const struct layer *layer,
		 bool durable, struct err *err)
{
	struct layer meta = *layer;

	if (layer_find(store, layer->key, layer->map, NULL) == 0)
		return err_set(err, -EEXIST, "the layer '%.12s' is there already", layer->key);
	meta.host_id = store->host_id;
	meta.boot_id = store->boot_id;
	meta.durable = false;
	meta.copies = (struct strv){ 0 };
	int r = meta_save(store, temp->rel, &meta, false);
	if (r < 0)
		return err_sys(err, r, "cannot keep the layer '%.12s'", layer->key);
	r = commit_beside(store, temp, layer->key, err);
	if (r < 0 || !durable)
		return r;
	r = sync_store(store);
	if (r < 0)
		return err_sys(err, r, "cannot write the layer '%.12s' to disk", layer->key);
	return layer_mark_durable(store, layer->key, err);
}

/* One of another store is answered for by that. */
static int mark(const struct store *store, const char *key, bool durable, bool packed, bool sync,
		struct err *err)
{
	AUTO(layer) struct layer *layer = NULL;
	AUTO(mem) char *rel = NULL;
	int r = find(store, key, NULL, &layer, &rel);

	if (r == -ENOENT && layer_find(store, key, NULL, NULL) == 0)
		return 0;
	if (r == 0 && ((durable && !layer->durable) || (packed && !layer->packed))) {
		layer->durable |= durable;
		layer->packed |= packed;
		r = meta_save(store, rel, layer, sync);
	}
	return r < 0 ? err_sys(err, r, "cannot mark the layer '%.12s'", key) : 0;
}

int layer_mark_durable(const struct store *store, const char *key, struct err *err)
{
	return mark(store, key, true, false, true, err);
}

static void find_unsure(const struct store *store, const struct strv *keys, struct strv *out)
{
	for (size_t i = 0; i < keys->count; i++) {
		AUTO(layer) struct layer *layer = NULL;
		AUTO(mem) char *rel = NULL;
		if (find(store, keys->items[i], NULL, &layer, &rel) == 0 && !layer->durable)
			strv_add(out, keys->items[i]);
	}
}

/* A mark that a power cut tears belongs to a layer that would not be used after it anyway. */
int layers_make_durable(const struct store *store, const struct strv *keys, struct err *err)
{
	AUTO(strv) struct strv unsure = { 0 };

	find_unsure(store, keys, &unsure);
	if (!unsure.count)
		return 0;
	int r = sync_store(store);
	if (r < 0)
		return err_sys(err, r, "cannot write the layers to disk");
	for (size_t i = 0; r == 0 && i < unsure.count; i++)
		r = mark(store, unsure.items[i], true, false, false, err);
	if (r < 0)
		return r;
	r = sync_store(store);
	return r < 0 ? err_sys(err, r, "cannot write to disk that the layers are there") : 0;
}

int layer_open(const struct layer *layer)
{
	int fd = open(layer->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == EACCES)
		fd = open(layer->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int layer_mark_packed(const struct store *store, const char *key, struct err *err)
{
	return mark(store, key, false, true, true, err);
}

int layer_copy_add(const struct store *store, struct layer *layer, const char *name,
		   struct temp *temp, struct err *err)
{
	AUTO(layer) struct layer *found = NULL;
	AUTO(mem) char *rel = NULL;
	int r = find(store, layer->key, layer->map, &found, &rel);

	if (r < 0)
		return err_set(err, r, "the layer '%.12s' is gone", layer->key);
	AUTO(mem) char *to = str_fmt("%s/copy-%s", rel, name);
	r = temp_commit(store, temp, to, err);
	if (r < 0)
		return r;
	strv_add(&layer->copies, name);
	strv_add(&found->copies, name);
	r = meta_save(store, rel, found, false);
	return r < 0 ? err_sys(err, r, "cannot keep a copy of the layer '%.12s'", layer->key) : 0;
}

/* ---- removing --------------------------------------------------------------------------------- */

int layer_remove(const struct store *store, const char *key, struct temps *out, struct err *err)
{
	AUTO(mem) char *mounted = str_fmt("layers/%s.merged", key);
	int count = 0;

	/* Where an image was mounted (engine/mounting.h); empty, if it is there. */
	(void)unlinkat(store->dir, mounted, AT_REMOVEDIR);
	for (; count < GENERATIONS_MAX; count++) {
		AUTO(mem) char *rel = generation(key, count);
		if (!generation_there(store, rel))
			break;
	}
	/* From the last one on, so that an interruption leaves no gap. */
	while (count-- > 0) {
		AUTO(mem) char *rel = generation(key, count);
		struct temp *temp = NULL;
		int r = temp_take(store, rel, &temp, err);
		if (r < 0)
			return r;
		*vec_push(out) = temp;
	}
	return 0;
}

void layer_free(struct layer *layer)
{
	if (!layer)
		return;
	jfield_clear(layer_fields, layer);
	free(layer->path);
	free(layer);
}
