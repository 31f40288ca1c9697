/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save_folder - a plan written into a folder: an OCI layout, or one image as "dir:"
 */
#include "engine/save_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "engine/lowers.h"
#include "kern/at.h"
#include "oci/digest.h"

enum { COPY = 1 << 20, FILE_MODE = 0644, FOLDER_MODE = 0755 };

#define REF_NAME "org.opencontainers.image.ref.name"

struct folder {
	struct engine *engine;
	const struct save_plan *plan;
	const char *path;
	int dir;
	bool layout; /* else "dir:" */
};

static void auto_folder(struct folder *folder)
{
	fd_close(folder->dir);
}

static const struct layer_part *find_part(const struct save_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->parts.count; i++)
		if (str_eq(plan->parts.items[i].name, name))
			return &plan->parts.items[i];
	return NULL;
}

/* --- the folder ------------------------------------------------------------------------- */

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

static int open_folder(struct folder *f, struct err *err)
{
	const char *mark = f->layout ? "oci-layout" : "version";

	if (mkdir(f->path, FOLDER_MODE) < 0 && errno != EEXIST)
		return err_sys(err, -errno, "cannot make '%s'", f->path);
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dir < 0)
		return err_sys(err, -errno, "cannot open '%s'", f->path);
	/* Two who write at once would lose each other's images; where there are no locks, so be it. */
	(void)flock(f->dir, LOCK_EX);
	if (is_empty(f->dir) || faccessat(f->dir, mark, F_OK, 0) == 0)
		return 0;
	return err_set(err, -ENOTEMPTY, "the folder '%s' is not empty, and holds no %s", f->path,
		       f->layout ? "OCI layout" : "image");
}

/* --- files ------------------------------------------------------------------------------- */

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

static bool is_there(const struct folder *f, const char *name, int from)
{
	struct stat here, there;

	return fstat(from, &here) == 0 && fstatat(f->dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(there.st_mode) && here.st_size == there.st_size;
}

/* What was left of a killed writer is written over. */
static int copy_blob(const struct folder *f, const struct layer_part *part, struct err *err)
{
	const char *hex = strrchr(part->name, '/');
	int front = hex ? (int)(hex - part->name) + 1 : 0;
	AUTO(mem) char *temp = str_fmt("%.*s.%s", front, part->name, part->name + front);
	const struct layer_folders more = lowers_folders(f->engine->store);
	const char *path = part->path;
	int dir = layer_folder(f->engine->store->dir, &more, &path);
	AUTO(fd)
	int from = dir < 0 ? dir
			   : at_open(dir, path, O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	if (from < 0)
		return err_sys(err, from, "cannot open '%s'", part->path);
	if (is_there(f, part->name, from))
		return 0;
	AUTO(fd)
	int to = openat(f->dir, temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			FILE_MODE);
	int r = to < 0 ? -errno : copy_content(from, to);
	if (r == 0 && renameat(f->dir, temp, f->dir, part->name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(f->dir, temp, 0); /* the first failure is told */
	return r < 0 ? err_sys(err, r, "cannot write '%s/%s'", f->path, part->name) : 0;
}

static int write_text(const struct folder *f, const char *name, const char *text, struct err *err)
{
	int r = file_replace(f->dir, name, FILE_MODE, text, strlen(text), false);

	return r < 0 ? err_sys(err, r, "cannot write '%s/%s'", f->path, name) : 0;
}

static int write_part(const struct folder *f, const struct layer_part *part, struct err *err)
{
	if (part->path)
		return copy_blob(f, part, err);
	if (part->text)
		return write_text(f, part->name, part->text, err);
	if (mkdirat(f->dir, part->name, FOLDER_MODE) < 0 && errno != EEXIST)
		return err_sys(err, -errno, "cannot make '%s/%s'", f->path, part->name);
	return 0;
}

/* --- the list of images of a layout ------------------------------------------------------- */

static const char *name_of(const cJSON *entry)
{
	return json_text(cJSON_GetObjectItemCaseSensitive(entry, "annotations"), REF_NAME);
}

static bool replaces(const cJSON *list, const cJSON *old)
{
	const cJSON *entry;

	cJSON_ArrayForEach(entry, list)
	{
		const char *name = name_of(entry);
		if (name ? str_eq(name, name_of(old))
			 : !name_of(old) &&
				    str_eq(json_text(entry, "digest"), json_text(old, "digest")))
			return true;
	}
	return false;
}

/* Edited as JSON, so what other tools wrote there stays. */
static int merge(const struct folder *f, const char *ours, char **out, struct err *err)
{
	AUTO(json) cJSON *index = NULL;
	AUTO(json) cJSON *added = NULL;

	int r = json_load(f->dir, "index.json", &index, err);
	if (r < 0)
		return r;
	r = json_parse(ours, strlen(ours), &added, err);
	if (r < 0)
		return r;
	cJSON *list = cJSON_GetObjectItemCaseSensitive(index, "manifests");
	cJSON *more = cJSON_GetObjectItemCaseSensitive(added, "manifests");
	if (!cJSON_IsArray(list))
		return err_set(err, -EBADMSG, "'%s/index.json' is damaged", f->path);
	for (cJSON *old = list->child, *next; old; old = next) {
		next = old->next;
		if (replaces(more, old))
			cJSON_Delete(cJSON_DetachItemViaPointer(list, old));
	}
	while (more->child)
		cJSON_AddItemToArray(list, cJSON_DetachItemViaPointer(more, more->child));
	*out = json_print(index, 0);
	return 0;
}

static int write_index(const struct folder *f, struct err *err)
{
	const struct layer_part *part = find_part(f->plan, "index.json");
	AUTO(mem) char *merged = NULL;

	if (faccessat(f->dir, "index.json", F_OK, 0) == 0) {
		int r = merge(f, part->text, &merged, err);
		if (r < 0)
			return r;
	}
	return write_text(f, "index.json", merged ? merged : part->text, err);
}

/* --- what "dir:" does not need any more ------------------------------------------------------ */

/* A blob, or the manifest of an image in a list. */
static bool is_by_digest(const char *name)
{
	AUTO(mem) char *hex = str_dup(name);

	(void)str_cut(hex, '.');
	return str_hex(hex, DIGEST_HEX) &&
	       (str_eq(name, hex) || str_eq(name + DIGEST_HEX, ".manifest.json"));
}

static void remove_unneeded(const struct folder *f)
{
	int copy = openat(f->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (!list) {
		fd_close(copy);
		return;
	}
	for (struct dirent *e = readdir(list); e; e = readdir(list))
		if ((is_by_digest(e->d_name) || str_starts(e->d_name, "signature-")) &&
		    !find_part(f->plan, e->d_name))
			(void)unlinkat(f->dir, e->d_name, 0); /* takes space and does no harm */
	closedir(list);
}

int save_folder(struct engine *engine, const struct save_plan *plan, const char *path,
		struct err *err)
{
	AUTO(folder)
	struct folder f = { .engine = engine, .plan = plan, .path = path, .dir = -1 };
	const char *last;

	f.layout = find_part(plan, "index.json") != NULL;
	last = f.layout ? "index.json" : "manifest.json";
	int r = open_folder(&f, err);
	for (size_t i = 0; r == 0 && i < plan->parts.count; i++)
		if (!str_eq(plan->parts.items[i].name, last))
			r = write_part(&f, &plan->parts.items[i], err);
	if (r == 0)
		r = f.layout ? write_index(&f, err) : write_part(&f, find_part(plan, last), err);
	if (r == 0 && !f.layout)
		remove_unneeded(&f);
	return r;
}
