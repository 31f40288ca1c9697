/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree_copy - copies of directory trees
 *
 * Either tree may be a container's, whose processes change it while we look. So everything is done to
 * descriptors of what was opened without following a link; a name is used for nothing but to open, to
 * make and to rename. What is replaced is written beside it and renamed over it.
 *
 * Inodes with several names are remembered with the place of their first copy, from the top, so that
 * hard links become hard links again: a hundred bytes each, and no descriptor.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <uthash.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "kern/at.h"
#include "kern/content.h"
#include "kern/tree.h"

enum {
	DEPTH_MAX = 1000,
	BLOCK = 512, /* of st_blocks */
	XATTR_NAMES = 64 << 10,
	XATTR_VALUE = 64 << 10,
	NAMES_TRIED = 100,
};

/* An inode with several names, and the path of its first copy. */
struct seen {
	struct inode {
		dev_t dev;
		ino_t ino;
	} id;
	char *path;
	UT_hash_handle hh;
};

struct copy {
	struct tree_order *order;
	struct seen *seen;
	int top;	     /* of the copy */
	dev_t dev;	     /* of the tree: other mounts are left out */
	char *names, *value; /* of attributes */
	struct content_ways ways;
};

/* A folder and its copy. */
struct folder {
	int from, to;
	const char *path; /* from the top of the copy; "" for itself */
	int depth;
};

static void auto_copy(struct copy *c)
{
	struct seen *s, *next;

	HASH_ITER(hh, c->seen, s, next) {
		HASH_DEL(c->seen, s);
		free(s->path);
		free(s);
	}
	free(c->names);
	free(c->value);
	content_ways_clear(&c->ways);
}

static bool has(const struct copy *c, unsigned int flag)
{
	return c->order->flags & flag;
}

/* ---- attributes ---------------------------------------------------------------------------- */

/* What the target file system or our rights do not allow is left out. */
static void copy_xattrs(const struct copy *c, const char *from, const char *to)
{
	ssize_t total = llistxattr(from, c->names, XATTR_NAMES);

	for (const char *n = c->names; total > 0 && n < c->names + total; n += strlen(n) + 1) {
		if (str_starts(n, "user.overlay.") || str_starts(n, "user.fuseoverlayfs."))
			continue; /* marks of another tree mean something else here */
		ssize_t size = lgetxattr(from, n, c->value, XATTR_VALUE);
		if (size >= 0)
			(void)!lsetxattr(to, n, c->value, (size_t)size, 0);
	}
}

/* Attributes of what O_PATH descriptors hold; those of a link cannot be reached so, and need not be. */
static void xattrs_of(const struct copy *c, int from, int to)
{
	AUTO(mem) char *a = str_fmt("/proc/self/fd/%d/.", from);
	AUTO(mem) char *b = str_fmt("/proc/self/fd/%d/.", to);

	copy_xattrs(c, a, b);
}

static void file_xattrs(const struct copy *c, int from, int to)
{
	ssize_t total = flistxattr(from, c->names, XATTR_NAMES);

	for (const char *n = c->names; total > 0 && n < c->names + total; n += strlen(n) + 1) {
		ssize_t size = fgetxattr(from, n, c->value, XATTR_VALUE);
		if (size >= 0)
			(void)!fsetxattr(to, n, c->value, (size_t)size, 0);
	}
}

static int set_owner(const struct copy *c, int fd, const struct stat *st)
{
	struct stat want = *st;

	if (c->order->owner && !c->order->owner(c->order->owner_data, &want))
		return 0;
	return fchownat(fd, "", want.st_uid, want.st_gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0
		       ? -errno
		       : 0;
}

static int set_times(int fd, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	return utimensat(fd, "", times, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

/* @fd is O_PATH or not, and no link: then this changes what it holds. */
static int set_mode(int fd, mode_t mode)
{
	AUTO(mem) char *path = str_fmt("/proc/self/fd/%d", fd);

	return chmod(path, mode & 07777) < 0 ? -errno : 0;
}

/* Owner first: it takes set-id bits away. */
static int set_all(const struct copy *c, int fd, const struct stat *st)
{
	int r = set_owner(c, fd, st);

	if (r == 0 && !S_ISLNK(st->st_mode))
		r = set_mode(fd, st->st_mode);
	return r < 0 ? r : set_times(fd, st);
}

/* ---- making -------------------------------------------------------------------------------- */

static int copy_data(struct copy *c, int from, int to, const struct stat *st)
{
	return content_copy(from, to, st->st_size, st->st_blocks * BLOCK < st->st_size, &c->ways);
}

static int make_file(struct copy *c, int from, const char *name, int to, const char *as)
{
	struct stat st;
	AUTO(fd) int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (in < 0 || fstat(in, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ESTALE;
	AUTO(fd) int out = openat(to, as, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	int r = copy_data(c, in, out, &st);
	if (r == 0)
		r = set_owner(c, out, &st);
	if (r < 0)
		return r;
	if (fchmod(out, st.st_mode & 07777) < 0)
		return -errno;
	file_xattrs(c, in, out);
	return set_times(out, &st);
}

static int make_link(int from, const char *name, int to, const char *as, size_t length)
{
	AUTO(mem) char *text = mem_alloc(length + 2, 1);
	ssize_t n = readlinkat(from, name, text, length + 1);

	if (n < 0 || symlinkat(text, to, as) < 0)
		return -errno;
	return 0;
}

/* Return: 1 when it is a further name of what was copied; 0; or a negative errno. */
static int link_if_seen(struct copy *c, const struct stat *st, int to, const char *as)
{
	struct inode id;
	struct seen *s;

	if (st->st_nlink < 2)
		return 0;
	memset(&id, 0, sizeof id); /* padding counts for the hash */
	id.dev = st->st_dev;
	id.ino = st->st_ino;
	HASH_FIND(hh, c->seen, &id, sizeof id, s);
	if (!s)
		return 0;
	AUTO(fd)
	int first = at_open(c->top, s->path, O_PATH | O_NOFOLLOW, 0,
			    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	AUTO(mem) char *path = str_fmt("/proc/self/fd/%d", first);
	/* One that somebody has taken away meanwhile is copied again. */
	if (first < 0 || linkat(AT_FDCWD, path, to, as, AT_SYMLINK_FOLLOW) < 0)
		return first >= 0 && errno == EEXIST ? -EEXIST : 0;
	return 1;
}

static void note_seen(struct copy *c, const struct stat *st, char *path)
{
	struct seen *s = mem_new(struct seen);

	s->id.dev = st->st_dev;
	s->id.ino = st->st_ino;
	s->path = path;
	HASH_ADD(hh, c->seen, id, sizeof s->id, s);
}

/* Makes what is no directory under a name that is free. Return: 1 when it must be left out. */
static int make(struct copy *c, int from, const char *name, const struct stat *st, int to,
		const char *as)
{
	int r = link_if_seen(c, st, to, as);

	if (r != 0)
		return min_of(r, 0);
	if (S_ISREG(st->st_mode))
		return make_file(c, from, name, to, as);
	if (S_ISLNK(st->st_mode))
		r = make_link(from, name, to, as, (size_t)st->st_size);
	else if (mknodat(to, as, st->st_mode & ~07777u, st->st_rdev) < 0)
		r = errno == EPERM ? 1 : -errno; /* a device that we may not make */
	if (r != 0)
		return r;
	AUTO(fd) int made = openat(to, as, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat now;
	if (made < 0 || fstat(made, &now) < 0)
		return -errno;
	return (now.st_mode & S_IFMT) != (st->st_mode & S_IFMT) ? -ESTALE : set_all(c, made, st);
}

/* A mount point cannot be replaced; its content can. */
static int write_over(struct copy *c, int to, const char *old, const char *name)
{
	AUTO(fd) int in = openat(to, old, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	AUTO(fd)
	int out = in < 0 ? -1 : openat(to, name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r = in < 0 || out < 0 || fstat(in, &st) < 0 ? -errno : copy_data(c, in, out, &st);

	(void)unlinkat(to, old, 0); /* ours, and not needed any more */
	return r;
}

/* Makes it beside what is there, then puts it in its place. */
static int make_over(struct copy *c, int from, const char *name, const struct stat *st, int to,
		     const char *as)
{
	for (int i = 0; i < NAMES_TRIED; i++) {
		AUTO(mem) char *beside = str_fmt(".cubby-copy-%d.%d", (int)getpid(), i);
		int r = make(c, from, name, st, to, beside);
		if (r == -EEXIST)
			continue;
		if (r == 0 && renameat(to, beside, to, as) == 0) {
			(void)unlinkat(to, beside, 0); /* stays where both are one inode */
			return 0;
		}
		if (r == 0 && errno == EBUSY && S_ISREG(st->st_mode))
			return write_over(c, to, beside, as);
		if (r == 0)
			r = -errno;
		if (r < 0)
			(void)unlinkat(to, beside, 0); /* half of it is no use */
		return r;
	}
	return -EEXIST;
}

/* ---- walking ------------------------------------------------------------------------------- */

static bool is_dots(const char *name)
{
	return str_eq(name, ".") || str_eq(name, "..");
}

static bool is_opaque(int fd)
{
	char value;

	return fgetxattr(fd, "user.overlay.opaque", &value, 1) == 1 && value == 'y';
}

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}

bool tree_is_kernels(int fd)
{
	static const long kinds[] = { PROC_SUPER_MAGIC,	  SYSFS_MAGIC,	       DEVPTS_SUPER_MAGIC,
				      CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC,
				      TRACEFS_MAGIC,	  SECURITYFS_MAGIC,    BPF_FS_MAGIC,
				      0x19800202 /* mqueue */ };
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < array_len(kinds); i++)
		if ((long)fs.f_type == kinds[i])
			return true;
	return false;
}

/* 1: to be left out. */
static int is_elsewhere(const struct copy *c, int from, const char *name, const struct stat *st)
{
	if (st->st_dev == c->dev || (has(c, TREE_MOUNTS) && !S_ISDIR(st->st_mode)))
		return 0;
	if (!has(c, TREE_MOUNTS))
		return 1;
	AUTO(fd) int fd = openat(from, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : tree_is_kernels(fd);
}

/* What stands in the way goes, or is refused. Return: 1 when something is left to be replaced. */
static int make_room(const struct copy *c, int to, const char *as, bool directory)
{
	struct stat st;

	if (fstatat(to, as, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode) == directory)
		return 1;
	if (has(c, TREE_STRICT))
		return directory ? -ENOTDIR : -EISDIR;
	if (S_ISDIR(st.st_mode))
		return has(c, TREE_LAYER | TREE_REPLACE) ? file_tree_remove(to, as) : -EISDIR;
	return unlinkat(to, as, 0) < 0 ? -errno : 0;
}

static int copy_below(struct copy *c, const struct folder *f);

static int copy_directory(struct copy *c, const struct folder *f, const char *name, const char *as,
			  const char *path)
{
	struct stat st;
	AUTO(fd) int in = openat(f->from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (in < 0 || fstat(in, &st) < 0)
		return -errno;
	if (has(c, TREE_LAYER) && is_opaque(in)) {
		int r = file_tree_remove(f->to, as);
		if (r < 0)
			return r;
	}
	if (mkdirat(f->to, as, 0700) < 0 && errno != EEXIST)
		return -errno;
	AUTO(fd) int out = openat(f->to, as, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out < 0)
		return -errno;
	const struct folder below = { in, out, path, f->depth + 1 };
	int r = copy_below(c, &below);
	if (r < 0)
		return r;
	xattrs_of(c, in, out);
	return set_all(c, out, &st);
}

static int copy_other(struct copy *c, const struct folder *f, const char *name,
		      const struct stat *st, const char *as, char *path, bool there)
{
	int r = there ? make_over(c, f->from, name, st, f->to, as)
		      : make(c, f->from, name, st, f->to, as);

	if (r == -EEXIST) /* somebody was quicker */
		r = make_over(c, f->from, name, st, f->to, as);
	if (r == 0 && st->st_nlink > 1)
		note_seen(c, st, str_dup(path));
	return min_of(r, 0);
}

/* As what it is by @st, or not at all. */
static int copy_known(struct copy *c, const struct folder *f, const char *name,
		      const struct stat *st, const char *as)
{
	AUTO(mem) char *path = str_fmt("%s%s%s", f->path, *f->path ? "/" : "", as);

	int r = is_elsewhere(c, f->from, name, st);
	if (r != 0)
		return min_of(r, 0);
	if (has(c, TREE_LAYER) && is_whiteout(st))
		return file_tree_remove(f->to, as);
	r = make_room(c, f->to, as, S_ISDIR(st->st_mode));
	if (r >= 0)
		r = S_ISDIR(st->st_mode) ? copy_directory(c, f, name, as, path)
					 : copy_other(c, f, name, st, as, path, r > 0);
	if (r < 0 && !c->order->where)
		c->order->where = take_ptr(path);
	return r;
}

static int copy_one(struct copy *c, const struct folder *f, const char *name, const char *as)
{
	struct stat st;

	if (fstatat(f->from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return copy_known(c, f, name, &st, as);
}

static int copy_below(struct copy *c, const struct folder *f)
{
	struct dirent *e;
	int r = 0;
	int again = openat(f->from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (f->depth > DEPTH_MAX || again < 0) {
		fd_close(again);
		return f->depth > DEPTH_MAX ? -ELOOP : -errno;
	}
	DIR *d = fdopendir(again);
	if (!d)
		return -errno;
	while (r == 0 && (e = readdir(d)))
		if (!is_dots(e->d_name))
			r = copy_one(c, f, e->d_name, e->d_name);
	(void)closedir(d);
	return r;
}

static struct copy begin(struct tree_order *order, int to)
{
	order->where = NULL;
	return (struct copy){ .order = order,
			      .top = to,
			      .names = mem_alloc(XATTR_NAMES, 1),
			      .value = mem_alloc(XATTR_VALUE, 1) };
}

int tree_copy_below(int from, int to, struct tree_order *order)
{
	AUTO(copy) struct copy c = begin(order, to);
	const struct folder top = { from, to, "", 0 };
	struct stat st;

	if (fstat(from, &st) < 0)
		return -errno;
	c.dev = st.st_dev;
	return copy_below(&c, &top);
}

int tree_copy_entry(int from, const char *name, int to, const char *as, struct tree_order *order)
{
	AUTO(copy) struct copy c = begin(order, to);
	const struct folder top = { from, to, "", 0 };
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (has(&c, TREE_NO_LINK) && S_ISLNK(st.st_mode))
		return -ELOOP;
	c.dev = st.st_dev;
	return copy_known(&c, &top, name, &st, as);
}

int tree_copy(int from, int to, unsigned int flags)
{
	struct tree_order order = { .flags = flags };
	AUTO(copy) struct copy c = begin(&order, to);
	const struct folder top = { from, to, "", 0 };
	struct stat st;

	if (fstat(from, &st) < 0)
		return -errno;
	c.dev = st.st_dev;
	int r = copy_below(&c, &top);
	free(order.where);
	if (r < 0)
		return r;
	xattrs_of(&c, from, to);
	return set_all(&c, to, &st);
}
