/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree - whole directory trees below a descriptor: giving them away, copying them
 *
 * A copy keeps a list of the inodes with several names, so that hard links become hard links again.
 */
#include "kern/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"

enum { DEPTH_MAX = 1000, CHUNK = 1 << 30, XATTR_NAMES = 64 << 10, XATTR_VALUE = 64 << 10 };

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

/* ---- copies -------------------------------------------------------------------------------- */

/* An inode with several names, and where its copy got its first one. */
struct seen {
	dev_t dev;
	ino_t ino;
	int dir; /* belongs to the list */
	char *name;
};

struct copy {
	struct seen *items;
	size_t count;
	dev_t dev; /* of the tree: other mounts are left out */
	unsigned int flags;
};

static void auto_copy(struct copy *c)
{
	for (size_t i = 0; i < c->count; i++) {
		fd_close(c->items[i].dir);
		free(c->items[i].name);
	}
	free(c->items);
}

static int copy_data(int from, int to)
{
	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	for (;;) {
		ssize_t n = copy_file_range(from, NULL, to, NULL, CHUNK, 0);
		if (n < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP))
			n = sendfile(to, from, NULL, CHUNK);
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
	}
}

/* What the target file system or our rights do not allow is left out. */
static void copy_xattrs(const char *from, const char *to)
{
	AUTO(mem) char *names = mem_alloc(XATTR_NAMES, 1);
	AUTO(mem) char *value = mem_alloc(XATTR_VALUE, 1);
	ssize_t total = llistxattr(from, names, XATTR_NAMES);

	for (const char *n = names; total > 0 && n < names + total; n += strlen(n) + 1) {
		if (str_starts(n, "user.overlay.") || str_starts(n, "user.fuseoverlayfs."))
			continue; /* marks of another tree mean something else here */
		ssize_t size = lgetxattr(from, n, value, XATTR_VALUE);
		if (size >= 0)
			(void)!lsetxattr(to, n, value, (size_t)size, 0);
	}
}

static void xattrs_of(int from_dir, int to_dir, const char *name)
{
	AUTO(mem) char *from = str_fmt("/proc/self/fd/%d/%s", from_dir, name);
	AUTO(mem) char *to = str_fmt("/proc/self/fd/%d/%s", to_dir, name);

	copy_xattrs(from, to);
}

static int copy_attributes(int to_dir, const char *name, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (fchownat(to_dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISLNK(st->st_mode) && fchmodat(to_dir, name, st->st_mode & 07777, 0) < 0)
		return -errno;
	return utimensat(to_dir, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* 1: it is a further name of what was copied, and linked; 0: it is not. */
static int link_if_seen(struct copy *c, const struct stat *st, int to, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->items[i].dev == st->st_dev && c->items[i].ino == st->st_ino)
			return linkat(c->items[i].dir, c->items[i].name, to, name, 0) < 0 ? -errno
											  : 1;
	int dir = fd_dup(to);
	if (dir < 0)
		return dir;
	*vec_push(c) = (struct seen){
		.dev = st->st_dev, .ino = st->st_ino, .dir = dir, .name = str_dup(name)
	};
	return 0;
}

static int copy_file(int from, int to, const char *name)
{
	AUTO(fd) int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	AUTO(fd)
	int out = in < 0 ? -1 : openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (in < 0 || out < 0)
		return -errno;
	return copy_data(in, out);
}

static int copy_link(int from, int to, const char *name, size_t length)
{
	AUTO(mem) char *text = mem_alloc(length + 2, 1);
	ssize_t n = readlinkat(from, name, text, length + 1);

	if (n < 0 || symlinkat(text, to, name) < 0)
		return -errno;
	return 0;
}

static int copy_below(struct copy *c, int from, int to, int depth);

static bool is_opaque(int fd)
{
	char value;

	return fgetxattr(fd, "user.overlay.opaque", &value, 1) == 1 && value == 'y';
}

static int copy_directory(struct copy *c, int from, int to, const char *name, int depth)
{
	AUTO(fd) int in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (in >= 0 && (c->flags & TREE_LAYER) && is_opaque(in)) {
		int r = file_tree_remove(to, name);
		if (r < 0)
			return r;
	}
	if (in < 0 || (mkdirat(to, name, 0700) < 0 && errno != EEXIST))
		return -errno;
	AUTO(fd) int out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return out < 0 ? -errno : copy_below(c, in, out, depth + 1);
}

/* What stands in the way goes, unless both are directories. */
static int make_room(const struct copy *c, int to, const char *name, bool directory)
{
	struct stat st;

	if (fstatat(to, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return directory ? 0 : c->flags & TREE_LAYER ? file_tree_remove(to, name) : -EISDIR;
	return unlinkat(to, name, 0) < 0 ? -errno : 0;
}

static int copy_entry(struct copy *c, int from, int to, const char *name, int depth)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (st.st_dev != c->dev)
		return 0;
	int r = make_room(c, to, name, S_ISDIR(st.st_mode));
	if (r == 0 && (c->flags & TREE_LAYER) && S_ISCHR(st.st_mode) && st.st_rdev == 0)
		return file_tree_remove(to, name);
	if (r == 0 && !S_ISDIR(st.st_mode) && st.st_nlink > 1)
		r = link_if_seen(c, &st, to, name);
	if (r != 0)
		return min_of(r, 0);
	if (S_ISDIR(st.st_mode))
		r = copy_directory(c, from, to, name, depth);
	else if (S_ISREG(st.st_mode))
		r = copy_file(from, to, name);
	else if (S_ISLNK(st.st_mode))
		r = copy_link(from, to, name, (size_t)st.st_size);
	else if (mknodat(to, name, st.st_mode, st.st_rdev) < 0)
		r = S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode) ? 1 : -errno;
	if (r != 0) /* 1: a device that we may not make is left out */
		return min_of(r, 0);
	xattrs_of(from, to, name);
	return copy_attributes(to, name, &st);
}

static int copy_below(struct copy *c, int from, int to, int depth)
{
	struct dirent *e;
	int first = 0, readable = fd_dup(from);

	if (depth > DEPTH_MAX || readable < 0) {
		fd_close(readable);
		return depth > DEPTH_MAX ? -ELOOP : readable;
	}
	DIR *d = fdopendir(readable);
	if (!d)
		return -errno;
	while (first == 0 && (e = readdir(d)))
		if (!is_dots(e->d_name))
			first = copy_entry(c, from, to, e->d_name, depth);
	(void)closedir(d);
	return first;
}

int tree_copy(int from, int to, unsigned int flags)
{
	AUTO(copy) struct copy c = { .flags = flags };
	struct stat st;

	if (fstat(from, &st) < 0)
		return -errno;
	c.dev = st.st_dev;
	int r = copy_below(&c, from, to, 0);
	if (r < 0)
		return r;
	xattrs_of(from, to, ".");
	return copy_attributes(to, ".", &st);
}
