/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skeleton - the lowest layer of every container: what a start mounts on, and files that say "container"
 */
#include "store/skeleton.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "store/temp.h"

enum { DIR_MODE = 0755, FILE_MODE = 0644 };

/* Another content gets another name: the folder may be in use. */
static const char name[] = "skeleton";

static const char *const folders[] = { "dev", "etc", "proc", "run", "sys" };
static const char *const files[] = {
	".dockerenv", "etc/hostname", "etc/hosts", "etc/resolv.conf", "run/.containerenv",
};

/* The modes hold whatever the umask. */
static int make_folder(int dir, const char *path)
{
	if (mkdirat(dir, path, DIR_MODE) < 0 || fchmodat(dir, path, DIR_MODE, 0) < 0)
		return -errno;
	return 0;
}

static int make_file(int dir, const char *path)
{
	AUTO(fd) int fd = openat(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);

	return fd < 0 || fchmod(fd, FILE_MODE) < 0 ? -errno : 0;
}

static int fill(int store, const char *rel)
{
	AUTO(fd) int dir = openat(store, rel, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = dir < 0 || fchmod(dir, DIR_MODE) < 0 ? -errno : 0;

	for (size_t i = 0; r == 0 && i < array_len(folders); i++)
		r = make_folder(dir, folders[i]);
	for (size_t i = 0; r == 0 && i < array_len(files); i++)
		r = make_file(dir, files[i]);
	return r;
}

static int make(const struct store *store, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;

	int r = temp_dir(store, DIR_MODE, &temp, err);
	if (r < 0)
		return r;
	r = fill(store->dir, temp->rel);
	if (r < 0)
		(void)err_sys(err, r, "cannot fill '%s'", temp->path);
	else
		r = temp_commit(store, temp, name, err);
	if (r == 0)
		return 0;
	(void)!temp_remove(store, temp); /* what is left is swept */
	if (r == -EEXIST)
		err_clear(err);
	return r == -EEXIST ? 0 : r;
}

int skeleton_path(const struct store *store, char **out, struct err *err)
{
	if (faccessat(store->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		AUTO(err) struct err own = { 0 };
		int r = make(store, err ? err : &own);
		if (r < 0)
			return r;
	}
	*out = store_path(store, name);
	return 0;
}
