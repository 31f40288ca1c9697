/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sweep - removing temporary objects whose owner is gone
 */
#include "store/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "store/lock.h"
#include "store/record.h"

static DIR *open_dir(const struct store *store, const char *host)
{
	AUTO(mem) char *rel = str_fmt("tmp/%s", host);
	int fd = openat(store->dir, rel, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		fd_close(fd);
	return dir;
}

static bool is_object(const struct dirent *e)
{
	return !str_eq(e->d_name, ".") && !str_eq(e->d_name, "..");
}

/* 1 when it was removed, 0 when it has an owner or is left for a sweep in the user namespace. */
static int sweep_one(const struct store *store, const char *host, const char *name, size_t *left,
		     struct err *err)
{
	AUTO(mem) char *rel = str_fmt("tmp/%s/%s", host, name);
	AUTO(fd) int lock = -1;
	int r = lock_take(store, LOCK_TEMP, rel, LOCK_TRY, &lock, err);

	if (r == -EAGAIN)
		return 0;
	if (r < 0)
		return r;
	if (record_settle(store, rel) < 0)
		return 0;
	r = file_tree_remove(store->dir, rel);
	if (r == 0)
		return 1;
	if (r != -EACCES && r != -EPERM)
		return err_sys(err, r, "cannot remove '%s/%s'", store->path, rel);
	++*left;
	return 0;
}

static int sweep_host(const struct store *store, const char *host, size_t *out_left,
		      struct err *err)
{
	DIR *dir = open_dir(store, host);
	size_t left = 0;
	int count = 0, failed = 0;

	if (!dir)
		return 0;
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		if (!is_object(e))
			continue;
		int r = sweep_one(store, host, e->d_name, &left, failed ? NULL : err);
		if (r < 0 && !failed)
			failed = r;
		else if (r > 0)
			count++;
	}
	closedir(dir);
	if (out_left)
		*out_left = left;
	return failed ? failed : count;
}

int sweep_run(const struct store *store, size_t *out_left, struct err *err)
{
	return sweep_host(store, store->host_id, out_left, err);
}

static bool has_object(const struct store *store, const char *host)
{
	DIR *dir = open_dir(store, host);
	bool found = false;

	if (!dir)
		return false;
	for (struct dirent *e = readdir(dir); e && !found; e = readdir(dir))
		found = is_object(e);
	closedir(dir);
	return found;
}

bool sweep_needed(const struct store *store)
{
	return has_object(store, store->host_id);
}

/* Who owns it removes it before the lock is let go. */
static bool is_left(const struct store *store, const char *name)
{
	AUTO(mem) char *rel = str_fmt("tmp/%s/%s", store->host_id, name);
	AUTO(fd) int lock = -1;

	return lock_take(store, LOCK_TEMP, rel, LOCK_TRY, &lock, NULL) != -EAGAIN &&
	       faccessat(store->dir, rel, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool sweep_left(const struct store *store)
{
	DIR *dir = open_dir(store, store->host_id);
	bool found = false;

	if (!dir)
		return false;
	for (struct dirent *e = readdir(dir); e && !found; e = readdir(dir))
		found = is_object(e) && is_left(store, e->d_name);
	closedir(dir);
	return found;
}

void sweep_hosts(const struct store *store, struct strv *out)
{
	DIR *dir = open_dir(store, ".");

	if (!dir)
		return;
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (is_object(e) && !str_eq(e->d_name, "blobs") &&
		    !str_eq(e->d_name, store->host_id) && has_object(store, e->d_name))
			strv_add(out, e->d_name);
	closedir(dir);
}

int sweep_others(const struct store *store, struct err *err)
{
	AUTO(strv) struct strv hosts = { 0 };

	sweep_hosts(store, &hosts);
	for (size_t i = 0; i < hosts.count; i++) {
		int r = sweep_host(store, hosts.items[i], NULL, err);
		if (r < 0)
			return r;
	}
	return 0;
}
