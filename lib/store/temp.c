/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * temp - objects that are being made or taken away
 */
#include "store/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "store/lock.h"

int temp_claim(const struct store *store, struct temp **out, struct err *err)
{
	uint64_t random[2] = { 0 };
	AUTO(mem) char *dir = str_fmt("tmp/%s", store->host_id);
	AUTO(temp) struct temp *temp = mem_new(struct temp);

	temp->lock = -1;
	if (getrandom(random, sizeof random, 0) != sizeof random)
		return err_sys(err, -errno, "cannot get random bytes");
	if (faccessat(store->dir, dir, F_OK, 0) < 0 && mkdirat(store->dir, dir, 0700) < 0 &&
	    errno != EEXIST)
		return err_sys(err, -errno, "cannot make '%s/%s'", store->path, dir);
	temp->rel = str_fmt("%s/%016llx%016llx", dir, (unsigned long long)random[0],
			    (unsigned long long)random[1]);
	temp->path = store_path(store, temp->rel);
	int r = lock_take(store, LOCK_TEMP, temp->rel, LOCK_EXCLUSIVE, &temp->lock, err);
	if (r < 0)
		return r;
	*out = take_ptr(temp);
	return 0;
}

int temp_dir(const struct store *store, mode_t mode, struct temp **out, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;
	int r = temp_claim(store, &temp, err);

	if (r < 0)
		return r;
	if (mkdirat(store->dir, temp->rel, mode) < 0 ||
	    fchmodat(store->dir, temp->rel, mode, 0) < 0)
		return err_sys(err, -errno, "cannot make '%s'", temp->path);
	*out = take_ptr(temp);
	return 0;
}

/* For file systems that cannot rename without replacing (NFS): the object's lock guards the gap. */
static int rename_checked(int dir, const char *from, const char *to)
{
	if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (faccessat(dir, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	return renameat(dir, from, dir, to) < 0 ? -errno : 0;
}

int temp_commit(const struct store *store, struct temp *temp, const char *rel, struct err *err)
{
	int r = rename_checked(store->dir, temp->rel, rel);

	if (r == -ENOTEMPTY)
		r = -EEXIST;
	if (r < 0)
		return err_sys(err, r, "cannot make '%s/%s'", store->path, rel);
	fd_close(take_fd(temp->lock));
	return 0;
}

int temp_take(const struct store *store, const char *rel, struct temp **out, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;
	int r = temp_claim(store, &temp, err);

	if (r < 0)
		return r;
	if (renameat(store->dir, rel, store->dir, temp->rel) < 0)
		return err_sys(err, -errno, "cannot take '%s/%s' away", store->path, rel);
	*out = take_ptr(temp);
	return 0;
}

int temp_remove(const struct store *store, struct temp *temp)
{
	int r = file_tree_remove(store->dir, temp->rel);

	fd_close(take_fd(temp->lock));
	return r == -EACCES || r == -EPERM ? 1 : r;
}

void temp_free(struct temp *temp)
{
	if (!temp)
		return;
	fd_close(temp->lock);
	free(temp->rel);
	free(temp->path);
	free(temp);
}

int temps_remove(const struct store *store, struct temps *list)
{
	int worst = 0;

	for (size_t i = 0; i < list->count; i++) {
		int r = temp_remove(store, list->items[i]);
		if (worst == 0 || (worst > 0 && r < 0))
			worst = r;
	}
	temps_clear(list);
	return worst;
}

void temps_clear(struct temps *list)
{
	for (size_t i = 0; i < list->count; i++)
		temp_free(list->items[i]);
	free(list->items);
	*list = (struct temps){ 0 };
}
