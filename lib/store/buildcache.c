/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * buildcache - what steps of builds came to
 */
#include "store/buildcache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "store/lock.h"
#include "store/record.h"

#define FOLDER "build/cache"
#define ACTIVE "build/active"

enum { KEY_HEX = 64, LISTED_MAX = 1 << 20, RECORD_MODE = 0600, FOLDER_MODE = 0700 };

#define S(kind, f) J_##kind(#f, struct buildstep, f)
static const struct jfield step_fields[] = {
	S(TEXT, key),	S(TEXT, layer),	    S(TEXT, diff_id),  S(I64, tar_size),
	S(TEXT, below), S(TEXT, value),	    S(TEXT, created),  S(TEXT, text),
	S(TEXT, blob),	S(TEXT, blob_type), S(I64, blob_size), J_END,
};
#undef S

static bool is_key(const char *text)
{
	return strlen(text) == KEY_HEX && text[strspn(text, "0123456789abcdef")] == 0;
}

static char *path_of(const char *key)
{
	return str_fmt(FOLDER "/%s.json", key);
}

static int load(const struct store *store, const char *key, struct buildstep *out)
{
	AUTO(mem) char *path = path_of(key);
	AUTO(json) cJSON *json = NULL;
	struct stat st;

	int r = json_load(store->dir, path, &json, NULL);
	if (r == 0)
		r = jfield_load(step_fields, json, out, NULL);
	if (r == 0 && (!str_eq(out->key, key) || (out->layer && !is_key(out->layer)) ||
		       (out->layer && !out->diff_id) || (out->blob && !out->blob_type)))
		r = -EBADMSG;
	if (r == 0 && fstatat(store->dir, path, &st, 0) == 0)
		out->used = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return r;
}

int buildcache_find(const struct store *store, const char *key, struct buildstep **out)
{
	AUTO(mem) char *path = path_of(key);
	AUTO(buildstep) struct buildstep *step = mem_new(struct buildstep);

	if (!is_key(key) || load(store, key, step) < 0)
		return -ENOENT;
	(void)utimensat(store->dir, path, NULL, 0); /* a store that is only read */
	*out = take_ptr(step);
	return 0;
}

static int make_folder(const struct store *store, const char *path)
{
	return mkdirat(store->dir, path, FOLDER_MODE) < 0 && errno != EEXIST ? -errno : 0;
}

int buildcache_save(const struct store *store, const struct buildstep *step, struct err *err)
{
	AUTO(json) cJSON *json = jfield_save(step_fields, step);
	AUTO(mem) char *text = json_print(json, 0);
	AUTO(mem) char *path = path_of(step->key);

	bug_unless(is_key(step->key));
	int r = file_replace(store->dir, path, store_mode(store, RECORD_MODE), text, strlen(text),
			     false);
	if (r == -ENOENT) {
		r = make_folder(store, "build");
		if (r == 0)
			r = make_folder(store, FOLDER);
		if (r == 0)
			r = file_replace(store->dir, path, store_mode(store, RECORD_MODE), text,
					 strlen(text), false);
	}
	return r < 0 ? err_sys(err, r, "cannot write '%s'", path) : 0;
}

int buildcache_list(const struct store *store, struct buildsteps *out)
{
	int fd = openat(store->dir, FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		int code = -errno;
		fd_close(fd);
		return code == -ENOENT ? 0 : code;
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		AUTO(mem) char *key = str_ndup(e->d_name, strcspn(e->d_name, "."));
		AUTO(buildstep) struct buildstep *step = mem_new(struct buildstep);
		if (!is_key(key) || load(store, key, step) < 0)
			continue;
		*vec_push(out) = *step;
		*step = (struct buildstep){ 0 };
	}
	closedir(dir);
	return 0;
}

/* ---- builds at work --------------------------------------------------------------------------- */

static char *lock_name(const char *name)
{
	return str_fmt("active:%s", name);
}

int buildcache_hold(const struct store *store, const struct strv *layers, int *out_lock,
		    struct err *err)
{
	AUTO(mem) char *text = str_join(layers, "\n");
	AUTO(mem) char *name = record_new_id();
	AUTO(mem) char *path = str_fmt(ACTIVE "/%s", name);
	AUTO(mem) char *held = lock_name(name);
	AUTO(fd) int lock = -1;

	int r = lock_take(store, LOCK_BUILD, held, LOCK_EXCLUSIVE, &lock, err);
	if (r < 0)
		return r;
	r = make_folder(store, "build");
	if (r == 0)
		r = make_folder(store, ACTIVE);
	if (r == 0)
		r = file_replace(store->dir, path, store_mode(store, RECORD_MODE), text,
				 strlen(text), false);
	if (r < 0)
		return err_sys(err, r, "cannot write '%s'", path);
	*out_lock = take_fd(lock);
	return 0;
}

static void add_once(struct strv *out, const char *key)
{
	if (*key && strv_find(out, key) < 0)
		strv_add(out, key);
}

/* One whose build has ended goes. */
static void add_held(const struct store *store, const char *name, struct strv *out)
{
	AUTO(mem) char *path = str_fmt(ACTIVE "/%s", name);
	AUTO(mem) char *held = lock_name(name);
	AUTO(mem) char *text = NULL;
	AUTO(strv) struct strv layers = { 0 };
	AUTO(fd) int lock = -1;

	if (!is_key(name))
		return;
	if (lock_take(store, LOCK_BUILD, held, LOCK_EXCLUSIVE | LOCK_TRY, &lock, NULL) == 0) {
		(void)unlinkat(store->dir, path, 0);
		return;
	}
	if (file_read(store->dir, path, LISTED_MAX, &text, NULL) < 0)
		return;
	strv_split(&layers, text, '\n');
	for (size_t i = 0; i < layers.count; i++)
		add_once(out, layers.items[i]);
}

static void add_active(const struct store *store, struct strv *out)
{
	int fd = openat(store->dir, ACTIVE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		fd_close(fd);
		return;
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		add_held(store, e->d_name, out);
	closedir(dir);
}

void buildcache_layers(const struct store *store, struct strv *out)
{
	AUTO(buildsteps) struct buildsteps steps = { 0 };

	add_active(store, out);
	if (buildcache_list(store, &steps) < 0)
		return;
	for (size_t i = 0; i < steps.count; i++)
		if (steps.items[i].layer)
			add_once(out, steps.items[i].layer);
}

void buildcache_blobs(const struct store *store, struct strv *out)
{
	AUTO(buildsteps) struct buildsteps steps = { 0 };

	if (buildcache_list(store, &steps) < 0)
		return;
	for (size_t i = 0; i < steps.count; i++)
		if (steps.items[i].blob)
			strv_add(out, steps.items[i].blob);
}

int buildcache_remove(const struct store *store, const char *key)
{
	AUTO(mem) char *path = path_of(key);

	return unlinkat(store->dir, path, 0) < 0 && errno != ENOENT ? -errno : 0;
}

static void step_clear(struct buildstep *step)
{
	jfield_clear(step_fields, step);
}

void buildstep_free(struct buildstep *step)
{
	if (!step)
		return;
	step_clear(step);
	free(step);
}

void buildsteps_clear(struct buildsteps *steps)
{
	for (size_t i = 0; i < steps->count; i++)
		step_clear(&steps->items[i]);
	free(take_ptr(steps->items));
	steps->count = 0;
}
