/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * at - opening and making paths inside a container's root or a store object, by descriptor
 *
 * The walk keeps one descriptor for each level it has gone down, so ".." is a step back to a
 * descriptor that it held before, never a look-up of "..": a directory that is moved away
 * meanwhile cannot lead it out of the root.
 */
#include "kern/at.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "kern/sys.h"

enum { RETRIES = 64 }; /* openat2 gives EAGAIN while somebody renames */

struct level {
	int fd;
	size_t length; /* of walk.path up to and with this level's name */
};

struct walk {
	int rootfd;
	struct level *items; /* below the root, the innermost last */
	size_t count;
	char *rest;	     /* what is still to be walked */
	char path[PATH_MAX]; /* where the walk really is, without a leading slash */
	int links;
	bool in_root; /* clamp at the root; else leaving it is -EXDEV */
	bool no_links;
	bool slash; /* the path ends in one: it means a directory */
	bool make;  /* missing directories */
	mode_t mode;
	at_made_fn made;
	void *data;
	const struct at_maker *maker; /* or NULL */
};

static void walk_up(struct walk *w)
{
	bug_unless(w->count > 0);
	fd_close(w->items[--w->count].fd);
	w->path[w->count ? w->items[w->count - 1].length : 0] = 0;
}

static void auto_walk(struct walk *w)
{
	while (w->count)
		walk_up(w);
	free(w->items);
	free(w->rest);
}

static int walk_here(const struct walk *w)
{
	return w->count ? w->items[w->count - 1].fd : w->rootfd;
}

static int path_join(const struct walk *w, const char *name, char *out, size_t *out_length)
{
	int n = snprintf(out, PATH_MAX, "%s%s%s", w->path, w->count ? "/" : "", name);

	if (n < 0 || n >= PATH_MAX)
		return -ENAMETOOLONG;
	*out_length = (size_t)n;
	return 0;
}

/* Takes @fd over in any case. */
static int walk_down(struct walk *w, const char *name, int fd)
{
	AUTO(fd) int held = fd;
	char path[PATH_MAX];
	size_t length;

	int r = path_join(w, name, path, &length);
	if (r < 0)
		return r;
	memcpy(w->path, path, length + 1);
	struct level *level = vec_push(w);
	*level = (struct level){ .fd = take_fd(held), .length = length };
	return 0;
}

static int walk_to_root(struct walk *w, int when_beneath)
{
	if (!w->in_root)
		return when_beneath;
	while (w->count)
		walk_up(w);
	return 0;
}

/* Puts a link's text before the rest. */
static int walk_link(struct walk *w, int fd)
{
	char target[PATH_MAX];

	if (w->no_links || ++w->links > AT_LINKS_MAX)
		return -ELOOP;
	ssize_t n = readlinkat(fd, "", target, sizeof target);
	if (n < 0)
		return -errno;
	if (n == 0 || n >= (ssize_t)sizeof target)
		return -ENAMETOOLONG;
	target[n] = 0;
	char *rest = str_fmt("%s%s%s", target, *w->rest ? "/" : "", w->rest);
	free(w->rest);
	w->rest = rest;
	return target[0] == '/' ? walk_to_root(w, -EXDEV) : 0;
}

/* Opens a name here without following it; makes a directory where that is wanted. */
static int walk_child(struct walk *w, const char *name)
{
	int here = walk_here(w);
	int fd = openat(here, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT || !w->make)
		return fd < 0 ? -errno : fd;
	int r = w->maker ? w->maker->before(w->maker->data, here) : 0;
	if (r < 0)
		return r;
	bool made = mkdirat(here, name, w->mode) == 0;
	if (!made && errno != EEXIST)
		return -errno;
	fd = openat(here, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = made && w->maker ? w->maker->after(w->maker->data, fd) : 0;
	if (r < 0) {
		fd_close(fd);
		return r;
	}
	char path[PATH_MAX];
	size_t length;
	if (w->made && path_join(w, name, path, &length) == 0)
		w->made(w->data, path);
	return fd;
}

/* Cuts the next component off the rest; its slashes go with it. */
static char *next_name(struct walk *w)
{
	size_t skip = strspn(w->rest, "/");
	size_t n = strcspn(w->rest + skip, "/");
	char *name = str_ndup(w->rest + skip, n);
	char *behind = w->rest + skip + n;

	w->slash |= *behind == '/' && !behind[strspn(behind, "/")];
	behind += strspn(behind, "/");
	memmove(w->rest, behind, strlen(behind) + 1);
	return name;
}

/* One step that is no last name: down, up, or into a link. */
static int walk_step(struct walk *w, const char *name)
{
	struct stat st;

	if (!*name || !strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		if (!w->count)
			return w->in_root ? 0 : -EXDEV;
		walk_up(w);
		return 0;
	}
	AUTO(fd) int fd = walk_child(w, name);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return walk_link(w, fd);
	return S_ISDIR(st.st_mode) ? walk_down(w, name, take_fd(fd)) : -ENOTDIR;
}

static bool is_name(const char *name)
{
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static bool is_link(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

/*
 * Walks to the last name of the path that is no link, or, with @follow_last false, to the last
 * name whatever it is. *@out_name is "" when the path ends in a directory without a name.
 */
static int walk_to_last(struct walk *w, bool follow_last, char **out_name)
{
	while (*w->rest) {
		AUTO(mem) char *name = next_name(w);
		bool last = !*w->rest;
		bool follow = follow_last || w->slash;
		if (last && is_name(name) && !(follow && is_link(walk_here(w), name))) {
			*out_name = take_ptr(name);
			return 0;
		}
		int r = walk_step(w, name);
		if (r < 0)
			return r;
	}
	*out_name = str_dup("");
	return 0;
}

static int walk_init(struct walk *w, int rootfd, const char *path, uint64_t resolve)
{
	if (!*path)
		return -ENOENT;
	if (resolve & RESOLVE_NO_XDEV)
		return -ENOSYS;
	if (path[0] == '/' && resolve & RESOLVE_BENEATH)
		return -EXDEV;
	*w = (struct walk){
		.rootfd = rootfd,
		.rest = str_dup(path),
		.in_root = resolve & RESOLVE_IN_ROOT,
		.no_links = resolve & RESOLVE_NO_SYMLINKS,
	};
	return 0;
}

int at_open_walking(int dirfd, const char *path, int flags, mode_t mode, uint64_t resolve)
{
	AUTO(walk) struct walk w = { 0 };
	AUTO(mem) char *name = NULL;

	int r = walk_init(&w, dirfd, path, resolve);
	if (r < 0)
		return r;
	bool exclusive = flags & O_CREAT && flags & O_EXCL;
	r = walk_to_last(&w, !(flags & O_NOFOLLOW) && !exclusive, &name);
	if (r < 0)
		return r;
	if (*name && w.no_links && !(flags & O_PATH && flags & O_NOFOLLOW) &&
	    is_link(walk_here(&w), name))
		return -ELOOP;
	int fd = openat(walk_here(&w), *name ? name : ".",
			flags | O_CLOEXEC | (*name ? O_NOFOLLOW : 0) | (w.slash ? O_DIRECTORY : 0),
			mode);
	return fd < 0 ? -errno : fd;
}

static bool refused(int r)
{
	return r == -ENOSYS || r == -EPERM;
}

int at_open(int dirfd, const char *path, int flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.mode = mode,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};
	int fd = -EAGAIN;

	for (int i = 0; i < RETRIES && (fd == -EAGAIN || fd == -EINTR); i++)
		fd = sys_openat2(dirfd, path, &how);
	return refused(fd) || fd == -EAGAIN ? at_open_walking(dirfd, path, flags, mode, resolve)
					    : fd;
}

int at_open_in_root(int rootfd, const char *path, int flags, mode_t mode)
{
	return at_open(rootfd, path, flags, mode, RESOLVE_IN_ROOT);
}

int at_mkdir_p_noting(int rootfd, const char *path, mode_t mode, at_made_fn made, void *data)
{
	AUTO(walk) struct walk w = { 0 };

	int fd = at_open_in_root(rootfd, path, O_PATH | O_DIRECTORY, 0);
	if (fd != -ENOENT)
		return fd;
	int r = walk_init(&w, rootfd, path, RESOLVE_IN_ROOT);
	w.make = true;
	w.mode = mode;
	w.made = made;
	w.data = data;
	while (r == 0 && *w.rest) {
		AUTO(mem) char *name = next_name(&w);
		r = walk_step(&w, name);
	}
	return r < 0 ? r : fd_dup(walk_here(&w));
}

int at_mkdir_p_in_root(int rootfd, const char *path, mode_t mode)
{
	return at_mkdir_p_noting(rootfd, path, mode, NULL, NULL);
}

int at_resolve_in_root(int rootfd, const char *path, char **out_path)
{
	AUTO(walk) struct walk w = { 0 };
	AUTO(mem) char *name = NULL;
	char full[PATH_MAX];
	size_t length;
	struct stat st;

	int r = walk_init(&w, rootfd, path, RESOLVE_IN_ROOT);
	if (r == 0)
		r = walk_to_last(&w, true, &name);
	if (r == 0 && *name)
		r = path_join(&w, name, full, &length);
	if (r < 0)
		return r;
	AUTO(fd)
	int fd = *name ? openat(walk_here(&w), name, O_PATH | O_NOFOLLOW | O_CLOEXEC)
		       : fd_dup(walk_here(&w));
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode)) /* it was none a moment ago */
		return -ELOOP;
	*out_path = str_dup(*name ? full : w.path);
	return take_fd(fd);
}

static int walk_making(struct walk *w, int rootfd, const char *path, const struct at_maker *maker)
{
	int r = walk_init(w, rootfd, path, RESOLVE_IN_ROOT);

	w->make = true;
	w->mode = maker->mode;
	w->maker = maker;
	return r;
}

int at_make_in_root(int rootfd, const char *path, const struct at_maker *maker)
{
	AUTO(walk) struct walk w = { 0 };
	int r = walk_making(&w, rootfd, path, maker);

	while (r == 0 && *w.rest) {
		AUTO(mem) char *name = next_name(&w);
		r = walk_step(&w, name);
	}
	return r < 0 ? r : fd_dup(walk_here(&w));
}

int at_place_in_root(int rootfd, const char *path, const struct at_maker *maker, char **out_name)
{
	AUTO(walk) struct walk w = { 0 };
	AUTO(mem) char *name = NULL;

	int r = walk_making(&w, rootfd, path, maker);
	if (r == 0)
		r = walk_to_last(&w, true, &name);
	if (r < 0)
		return r;
	int fd = fd_dup(walk_here(&w));
	if (fd >= 0)
		*out_name = take_ptr(name);
	return fd;
}

int at_mkfile_in_root(int rootfd, const char *path, mode_t mode)
{
	AUTO(walk) struct walk w = { 0 };
	AUTO(mem) char *name = NULL;

	int r = walk_init(&w, rootfd, path, RESOLVE_IN_ROOT);
	w.make = true;
	w.mode = 0755;
	if (r == 0)
		r = walk_to_last(&w, true, &name);
	if (r < 0)
		return r;
	if (!*name)
		return fd_dup(walk_here(&w));
	/* Made with O_EXCL: what is there already, a FIFO for example, must not be opened. */
	int fd = openat(walk_here(&w), name,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode);
	if (fd < 0 && errno != EEXIST)
		return -errno;
	fd_close(fd);
	fd = openat(walk_here(&w), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int at_create_parents(int rootfd, const char *path, mode_t mode, char **out_name)
{
	AUTO(walk) struct walk w = { 0 };
	AUTO(mem) char *name = NULL;

	int r = walk_init(&w, rootfd, path, RESOLVE_IN_ROOT);
	w.make = true;
	w.mode = mode;
	while (r == 0 && !name) {
		AUTO(mem) char *next = next_name(&w);
		if (!*w.rest)
			name = take_ptr(next);
		else
			r = walk_step(&w, next);
	}
	if (r == 0 && !is_name(name))
		r = -EINVAL;
	if (r < 0)
		return r;
	int fd = fd_dup(walk_here(&w));
	if (fd >= 0)
		*out_name = take_ptr(name);
	return fd;
}
