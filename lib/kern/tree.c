/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree - whole directory trees below a descriptor: giving them away; copying is in tree_copy.c
 */
#include "kern/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

enum { DEPTH_MAX = 1000 };

static bool is_dots(const char *name)
{
	return str_eq(name, ".") || str_eq(name, "..");
}

/* ---- owners -------------------------------------------------------------------------------- */

static int chown_below(int fd, dev_t dev, uid_t uid, gid_t gid, int depth);

static int chown_one(int dir, const char *name, dev_t dev, uid_t uid, gid_t gid, int depth)
{
	struct stat st;
	AUTO(fd) int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_dev != dev) /* another mount: not what was named */
		return 0;
	if ((st.st_uid != uid || st.st_gid != gid) &&
	    fchownat(fd, "", uid, gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? chown_below(fd, dev, uid, gid, depth + 1) : 0;
}

static int chown_below(int fd, dev_t dev, uid_t uid, gid_t gid, int depth)
{
	struct dirent *e;
	int first = 0;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	int readable = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = readable < 0 ? NULL : fdopendir(readable);
	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		if (is_dots(e->d_name))
			continue;
		int r = chown_one(dirfd(d), e->d_name, dev, uid, gid, depth);
		first = first ? first : r;
	}
	(void)closedir(d);
	return first;
}

int tree_chown(int fd, uid_t uid, gid_t gid)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_uid != uid || st.st_gid != gid) && fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? chown_below(fd, st.st_dev, uid, gid, 0) : 0;
}
