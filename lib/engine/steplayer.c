/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * steplayer - what a container has written becomes a layer of the store
 */
#include "engine/steplayer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/idmaps.h"
#include "engine/outer.h"
#include "engine/packing.h"
#include "engine/rootplan.h"
#include "engine/roots.h"
#include "kern/reown.h"
#include "layer/rootdate.h"
#include "oci/digest.h"
#include "store/blob.h"
#include "store/layers.h"
#include "store/lock.h"

enum { DIGEST_ROOM = 128, FOLDER_MODE = 0755 };

/* What the child tells. */
struct taken {
	bool empty;
	char digest[DIGEST_ROOM];
	int64_t tar_size;
	int64_t disk_size;
};

struct taking {
	struct engine *engine;
	const struct steplayer_options *options;
	struct root_hold *hold;
	const struct container_config *config; /* of .hold */
	struct temp *temp;		       /* becomes the layer */
	struct blob_tmp *blob;		       /* where a tar is written */
	struct taken *taken;		       /* shared with the child */
	struct layer_helper *helper;	       /* NULL in a child */
	bool defer;
};

static void auto_taking(struct taking *t)
{
	temp_free(t->temp);
	blob_tmp_free(t->blob);
	root_release(t->hold);
	if (t->taken)
		(void)munmap(t->taken, sizeof *t->taken);
}

/* A digest that is put off is "". */
static void tell(struct taken *taken, const struct layer_digest *tar, int64_t disk_size)
{
	const char *digest = str_or(tar->digest, "");

	bug_unless(strlen(digest) < DIGEST_ROOM);
	memcpy(taken->digest, digest, strlen(digest) + 1);
	taken->tar_size = tar->size;
	taken->disk_size = disk_size;
}

/* ---- the upper folder itself ------------------------------------------------------------------ */

static int pack(const struct taking *t, int dir, int kind, const struct layer_owners *owners,
		struct layer_digest *out, struct err *err)
{
	struct container_config config = *t->config; /* its texts are borrowed */
	if (t->options->upon)
		config.layers = *t->options->upon;
	const struct packing packing = {
		.engine = t->engine,
		.config = &config,
		.dir = dir,
		.out = t->blob ? t->blob->fd : -1,
		.kind = kind,
		.flags = t->options->flags |
			 (t->blob ? 0 : LAYER_TIDY | (t->defer ? LAYER_DEFER : 0)),
		.time = t->options->time,
		.owners = owners,
		.mounted = t->options->mounted,
		.undone = t->options->undone,
		.helper = t->helper,
	};

	return packing_do(&packing, out, err);
}

/* The root of the upper folder is as the uppermost layer's has been made, unless the step changed it. */
static bool same_root(const struct taking *t, int upper)
{
	AUTO(strv) struct strv lower = { 0 };
	struct stat here, below;

	if (rootplan_image(t->engine, t->config, &lower, NULL) < 0 || fstat(upper, &here) < 0)
		return false;
	if (lower.count == 0)
		return here.st_uid == 0 && here.st_gid == 0 &&
		       (here.st_mode & 07777) == FOLDER_MODE;
	return stat(lower.items[0], &below) == 0 && S_ISDIR(below.st_mode) &&
	       here.st_mode == below.st_mode && here.st_uid == below.st_uid &&
	       here.st_gid == below.st_gid;
}

static bool is_empty(int dir)
{
	AUTO(fd) int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	bool empty = d;

	if (!d)
		return false;
	copy = -1; /* it is the stream's now */
	for (struct dirent *e = readdir(d); e && empty; e = readdir(d))
		empty = str_eq(e->d_name, ".") || str_eq(e->d_name, "..");
	closedir(d);
	return empty;
}

static int move(const struct taking *t, struct err *err)
{
	AUTO(mem) char *to = str_fmt("%s/diff", t->temp->path);
	AUTO(mem) char *from = store_container_path(t->engine->store, t->config->id, "upper");

	/* It is gone where this was tried before, by who may not move a folder that is another's. */
	if ((rmdir(to) < 0 && errno != ENOENT) || rename(from, to) < 0)
		return err_sys(err, -errno, "cannot move '%s' to '%s'", from, to);
	return 0;
}

static int take_upper(void *data, struct err *err)
{
	const struct taking *t = data;
	AUTO(layer_digest) struct layer_digest tar = { 0 };
	AUTO(mem) char *path = store_container_path(t->engine->store, t->config->id, "upper");
	AUTO(fd) int upper = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (upper < 0 && errno == ENOENT) {
		t->taken->empty = true;
		return 0;
	}
	if (upper < 0)
		return err_sys(err, -errno, "cannot open '%s'", path);
	int r = pack(t, upper, LAYER_PACK_UPPER, NULL, &tar, err);
	if (r < 0)
		return r;
	t->taken->empty = is_empty(upper) && same_root(t, upper);
	if (t->taken->empty)
		return 0;
	tell(t->taken, &tar, tar.inside_size);
	return move(t, err);
}

/* ---- a tar ------------------------------------------------------------------------------------ */

/* The upper folder of fuse-overlayfs has all that was changed, as that of the kernel, with the image's owners. */
static int pack_upper(struct taking *t, struct layer_digest *out, struct err *err)
{
	AUTO(mem) char *path = store_container_path(t->engine->store, t->config->id, "upper");
	AUTO(fd) int upper = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (upper < 0)
		return err_sys(err, -errno, "cannot open '%s'", path);
	const int r = rootdate_set(upper);
	return r < 0 ? err_sys(err, r, "cannot date '%s'", path)
		     : pack(t, upper, LAYER_PACK_UPPER, NULL, out, err);
}

/* All names are compared with what the layers have. */
static int pack_compared(struct taking *t, struct layer_digest *out, struct err *err)
{
	AUTO(root_view) struct root_view view = { .fd = -1, .bare = -1, .helper = -1 };
	AUTO(mem) char *uids = NULL;
	AUTO(mem) char *gids = NULL;

	const int r = root_open(t->hold, 0, &view, err);
	if (r < 0)
		return r;
	uids = root_maps_text(&view.uids);
	gids = root_maps_text(&view.gids);
	const struct layer_owners owners = { .uids = uids, .gids = gids };
	return pack(t, view.bare, LAYER_PACK_CHANGES, view.shifted ? &owners : NULL, out, err);
}

static int pack_root(void *data, struct err *err)
{
	struct taking *t = data;
	AUTO(layer_digest) struct layer_digest tar = { 0 };
	const bool upper = str_eq(t->config->driver, "fuse-overlayfs") && !t->options->upon;
	int r = upper ? pack_upper(t, &tar, err) : -ENOENT;

	if (r == -ENOENT) {
		err_clear(err);
		r = pack_compared(t, &tar, err);
	}
	if (r == 0)
		tell(t->taken, &tar, 0);
	return r;
}

static int unpack_child(void *data, struct err *err)
{
	struct taking *t = data;
	AUTO(mem) char *program = host_helper(t->engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(layer_applied) struct layer_applied applied = { 0 };
	AUTO(mem) char *path = str_fmt("%s/diff", t->temp->path);
	AUTO(mem) char *journal = str_fmt("%s/journal", t->temp->path);
	AUTO(fd) int diff = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd) int deferred = open(journal, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (diff < 0 || deferred < 0)
		return err_sys(err, -errno, "cannot open '%s'", path);
	int r = layer_helper_open(&host, &helper, err);
	if (r < 0)
		return r;
	const struct layer_apply req = {
		.blob = t->blob->fd, .more = -1, .diff = diff, .journal = deferred
	};
	r = layer_apply_start(helper, &req, err);
	if (r == 0)
		r = layer_apply_finish(helper, &applied, err);
	if (r < 0)
		return r;
	t->taken->disk_size = applied.disk_size;
	t->taken->empty = applied.entries <= 1;
	return unlink(journal) < 0 ? err_sys(err, -errno, "cannot remove '%s'", journal) : 0;
}

static int take_tar(struct taking *t, struct err *err)
{
	int r = blob_tmp_new(t->engine->store, &t->blob, err);

	if (r == 0)
		r = outer_run(t->engine, ROOT_NAMESPACES, pack_root, t, err);
	if (r == 0)
		r = outer_run(t->engine, 0, unpack_child, t, err);
	if (r == 0 && !t->taken->empty)
		r = blob_tmp_commit(t->engine->store, t->blob, t->taken->digest, false, err);
	else
		blob_tmp_drop(t->engine->store, t->blob);
	return r;
}

/* ---- the layer -------------------------------------------------------------------------------- */

static int discard(void *data, struct err *err)
{
	const struct taking *t = data;

	(void)err;
	(void)!temp_remove(t->engine->store, t->temp); /* else the next sweep */
	return 0;
}

/*
 * Who has the layer holds its lock shared, perhaps for long, and may be ourselves: so it is waited for only where
 * somebody makes it. Return: 0 with the lock to make it; -EEXIST with the shared lock when it is there.
 */
static int lock_layer(const struct store *store, const char *key, const char *map, int *out,
		      struct err *err)
{
	while (true) {
		AUTO(fd) int lock = -1;
		int r = lock_take(store, LOCK_LAYER, key, LOCK_SHARED, &lock, err);
		if (r < 0)
			return r;
		if (layer_find(store, key, map, NULL) == 0) {
			*out = take_fd(lock);
			return err_set(err, -EEXIST, "the layer '%.12s' is there", key);
		}
		fd_close(take_fd(lock));
		r = lock_take(store, LOCK_LAYER, key, LOCK_EXCLUSIVE | LOCK_TRY, out, err);
		if (r != -EAGAIN)
			return r;
	}
}

static int commit(struct taking *t, struct steplayer *out, struct err *err)
{
	const struct store *store = t->engine->store;
	AUTO(mem) char *map = engine_layer_map(t->engine, err);
	const char *hex = digest_hex(t->taken->digest);
	AUTO(fd) int lock = -1;

	if (!map)
		return -EIO;
	const struct layer layer = {
		.key = (char *)hex,
		.diff_id = (char *)hex,
		.blob = t->blob ? t->taken->digest : NULL,
		.blob_size = t->blob ? t->taken->tar_size : 0,
		.size = t->taken->disk_size,
		.tar_size = t->taken->tar_size,
		.map = map,
		.packed = !t->blob,
	};
	int r = lock_layer(store, hex, map, &lock, err);
	if (r == 0)
		r = layer_commit(store, t->temp, &layer, false, err);
	if (r < 0 && r != -EEXIST)
		return r;
	if (r == -EEXIST) {
		err_clear(err);
		(void)!outer_run(t->engine, 0, discard, t, NULL);
	}
	/* One that was pulled, and whose blob may go with its image. */
	if (r == -EEXIST && layer.packed)
		(void)!layer_mark_packed(store, hex, NULL);
	r = lock_share(lock, LOCK_LAYER, hex);
	if (r < 0)
		return err_sys(err, r, "cannot share the lock of the layer '%.12s'", hex);
	*out = (struct steplayer){ .key = str_dup(hex),
				   .diff_id = str_dup(t->taken->digest),
				   .tar_size = t->taken->tar_size,
				   .lock = take_fd(lock),
				   .tar = t->blob };
	return 0;
}

static int begin(struct taking *t, const char *id, struct err *err)
{
	t->taken = mmap(NULL, sizeof *t->taken, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (t->taken == MAP_FAILED) {
		t->taken = NULL;
		return err_sys(err, -errno, "cannot share memory");
	}
	int r = root_hold(t->engine, id, &t->hold, err);
	if (r < 0)
		return r;
	t->config = root_config(t->hold);
	if (root_runs(t->hold))
		return err_set(err, -EBUSY, "container '%s' runs", t->config->name);
	/* Layers that are shown with other owners are looked up in the store. */
	t->defer = t->options->defer && (!idmaps_shifts(t->config) || t->config->show_owners);
	return layer_tmp_create(t->engine->store, &t->temp, err);
}

/* Where other owners were shown what was written has those. */
static int restore_owners(void *data, struct err *err)
{
	const struct taking *t = data;
	AUTO(mem) char *path = store_container_path(t->engine->store, t->config->id, "upper");
	AUTO(idmap) struct idmap uids = { 0 };
	AUTO(idmap) struct idmap gids = { 0 };
	AUTO(strv) struct strv lower = { 0 };
	AUTO(fd) int upper = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (upper < 0)
		return errno == ENOENT ? 0 : err_sys(err, -errno, "cannot open '%s'", path);
	int r = rootplan_shown(t->engine, t->config, &uids, &gids, err);
	if (r < 0)
		return r;
	r = rootplan_image(t->engine, t->config, &lower, err);
	if (r < 0)
		return r;
	r = reown_tree(upper, &uids, &gids, &lower);
	return r < 0 ? err_sys(err, r, "cannot give the files of '%s' their owners", path) : 0;
}

/*
 * The root of the upper folder is the caller's but where the image or the step gave it away: then, and where
 * a layer must be mounted, a child does it that may.
 */
static int take_overlay(struct taking *t, struct err *err)
{
	if (t->options->helper) {
		t->helper = t->options->helper;
		const int r = take_upper(t, err);
		if (r != -EXDEV && r != -EACCES && r != -EPERM)
			return r;
		t->helper = NULL;
		err_clear(err);
	}
	t->defer = false; /* who hashes it later has to open its root */
	return outer_run(t->engine, ROOT_NAMESPACES, take_upper, t, err);
}

int steplayer_take(struct engine *engine, const char *id, const struct steplayer_options *options,
		   struct steplayer *out, struct err *err)
{
	AUTO(taking) struct taking t = { .engine = engine, .options = options };

	int r = begin(&t, id, err);
	if (r < 0)
		return r;
	if (t.config->show_owners && !options->upon)
		r = outer_run(engine, 0, restore_owners, &t, err);
	if (r == 0 && str_eq(t.config->driver, "overlay") && !options->upon)
		r = take_overlay(&t, err);
	else if (r == 0)
		r = take_tar(&t, err);
	if (r < 0 || t.taken->empty) {
		(void)!outer_run(engine, 0, discard, &t, NULL);
		if (r == 0)
			*out = (struct steplayer){ .empty = true, .lock = -1 };
		return r;
	}
	const bool hashed = *t.taken->digest;
	if (hashed && (!options->hold || t.blob))
		return commit(&t, out, err);
	*out = (struct steplayer){ .lock = -1,
				   .rest = take_ptr(t.temp),
				   .diff_id = hashed ? str_dup(t.taken->digest) : NULL,
				   .tar_size = t.taken->tar_size,
				   .disk_size = t.taken->disk_size };
	return 0;
}

int steplayer_hash_start(const struct steplayer *layer, struct layer_helper *helper,
			 struct err *err)
{
	AUTO(mem) char *path = str_fmt("%s/diff", layer->rest->path);
	AUTO(fd) int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct layer_pack pack = {
		.dir = dir, .out = -1, .kind = LAYER_PACK_LAYER, .store = -1
	};

	return dir < 0 ? err_sys(err, -errno, "cannot open '%s'", path)
		       : layer_pack_start(helper, &pack, err);
}

int steplayer_hash_finish(struct steplayer *layer, struct layer_helper *helper, struct err *err)
{
	AUTO(layer_digest) struct layer_digest tar = { 0 };
	const int r = layer_pack_finish(helper, &tar, err);

	if (r < 0)
		return r;
	layer->diff_id = str_dup(tar.digest);
	layer->tar_size = tar.size;
	return 0;
}

int steplayer_commit(struct engine *engine, struct steplayer *layer, struct err *err)
{
	struct taken taken = { 0 };
	struct taking t = { .engine = engine, .temp = layer->rest, .taken = &taken };
	AUTO(steplayer) struct steplayer done = { .lock = -1 };
	const struct layer_digest tar = { .digest = layer->diff_id, .size = layer->tar_size };

	tell(&taken, &tar, layer->disk_size);
	const int r = commit(&t, &done, err);
	if (r < 0)
		return r;
	steplayer_clear(layer);
	*layer = done;
	done = (struct steplayer){ .lock = -1 };
	return 0;
}

void steplayer_drop(struct engine *engine, struct steplayer *layer)
{
	struct taking t = { .engine = engine, .temp = layer->rest };

	if (layer->rest)
		(void)!outer_run(engine, 0, discard, &t, NULL); /* else the next sweep */
	steplayer_clear(layer);
}

void steplayer_clear(struct steplayer *layer)
{
	free(take_ptr(layer->key));
	free(take_ptr(layer->diff_id));
	temp_free(take_ptr(layer->rest));
	if (layer->lock > 0)
		fd_close(layer->lock);
	layer->lock = -1;
}
