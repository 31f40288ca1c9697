/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * changes - what a tree has changed of the layers below it
 */
#include "layer/changes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kern/at.h"
#include "layer/attr.h"

enum { DEPTH_MAX = 1000 };

/* fuse-overlayfs marks by names where it may not make devices. */
#define MARK ".wh."
#define MARK_OPAQUE ".wh..wh..opq"

struct walk {
	const struct changes_plan *plan;
	change_fn fn;
	void *data;
};

/* A folder on the way. */
struct folder {
	struct folder *above;
	int dir; /* that has it */
	int fd;
	const char *name;
	const char *path;
	const struct stat *st;
	enum change_kind kind;
	bool below;  /* the layers below have such a folder, and it shows */
	bool opaque; /* but not what is in it */
	bool told;
	int depth;
};

static int failed(const char *path, int code, struct err *err)
{
	return err_sys(err, code, "cannot read '/%s'", path);
}

/* ---- telling ------------------------------------------------------------------------------- */

static int tell_folder(const struct walk *w, struct folder *f, struct err *err)
{
	if (f->told)
		return 0;
	f->told = true;
	if (!f->above)
		return 0;
	int r = tell_folder(w, f->above, err);
	if (r != 0)
		return r;
	const struct change change = { .kind = f->kind,
				       .path = f->path,
				       .dir = f->dir,
				       .name = f->name,
				       .st = f->st,
				       .opaque = f->opaque && w->plan->marks &&
						 (f->below || w->plan->alone) };
	return w->fn(w->data, &change, err);
}

static int tell(const struct walk *w, struct folder *in, enum change_kind kind, const char *name,
		const char *path, const struct stat *st, struct err *err)
{
	int r = tell_folder(w, in, err);

	if (r != 0)
		return r;
	const struct change change = {
		.kind = kind, .path = path, .dir = in->fd, .name = name, .st = st
	};
	return w->fn(w->data, &change, err);
}

/* ---- looking ------------------------------------------------------------------------------- */

static bool is_dots(const char *name)
{
	return str_eq(name, ".") || str_eq(name, "..");
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct strv *names)
{
	if (names->count)
		qsort(names->items, names->count, sizeof *names->items, compare_names);
}

/* Adds what is in a folder; the descriptor is the caller's. */
static int add_names(int dir, struct strv *out)
{
	struct dirent *e;
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d) {
		int code = -errno;
		fd_close(fd);
		return code;
	}
	while ((e = readdir(d)))
		if (!is_dots(e->d_name))
			strv_add(out, e->d_name);
	closedir(d);
	return 0;
}

static char *join(const struct folder *in, const char *name)
{
	return str_fmt("%s%s%s", in->path, *in->path ? "/" : "", name);
}

/* What the layers below show of a path; what they cannot have is not there. */
static int look_below(const struct walk *w, const char *path, struct stack_found *out)
{
	int r = stack_find(w->plan->lower, 0, path, out);

	return r == -ENOTDIR || r == -ELOOP ? -ENOENT : r;
}

/* All that the layers below have in a folder, each name once; some may be hidden. */
static int names_below(const struct walk *w, const char *path, struct strv *out)
{
	AUTO(strv) struct strv all = { 0 };

	for (size_t i = 0; i < w->plan->lower->count; i++) {
		AUTO(fd)
		int fd = at_open(w->plan->lower->items[i], *path ? path : ".",
				 O_RDONLY | O_DIRECTORY, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
		int r = fd < 0 ? 0 : add_names(fd, &all);
		if (r < 0)
			return r;
	}
	sort(&all);
	for (size_t i = 0; i < all.count; i++)
		if (i == 0 || !str_eq(all.items[i], all.items[i - 1]))
			strv_add(out, all.items[i]);
	return 0;
}

static bool same_link(int a, int b, const char *b_name)
{
	char one[PATH_MAX], other[PATH_MAX];
	ssize_t n = readlinkat(a, "", one, sizeof one);
	ssize_t m = readlinkat(b, b_name, other, sizeof other);

	return n >= 0 && n == m && memcmp(one, other, (size_t)n) == 0;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same(const struct stack_found *below, int dir, const char *name, const struct stat *st)
{
	const struct stat *old = &below->st;

	if (old->st_mode != st->st_mode || old->st_uid != st->st_uid || old->st_gid != st->st_gid)
		return false;
	if (S_ISDIR(st->st_mode))
		return true;
	if (S_ISLNK(st->st_mode))
		return same_link(below->fd, dir, name);
	return old->st_size == st->st_size && old->st_rdev == st->st_rdev &&
	       same_time(old->st_mtim, st->st_mtim);
}

/* ---- tidying ---------------------------------------------------------------------------------- */

/* The folder keeps its time: nothing of the container's has changed in it. */
static int drop(const struct walk *w, const struct folder *in, const char *name, const char *path,
		int flags, struct err *err)
{
	struct stat st;

	if (!w->plan->tidy)
		return 0;
	if (fstat(in->fd, &st) < 0 || unlinkat(in->fd, name, flags) < 0)
		return err_sys(err, -errno, "cannot remove '/%s'", path);
	const struct timespec times[] = { st.st_atim, st.st_mtim };
	return futimens(in->fd, times) < 0 ? failed(path, -errno, err) : 0;
}

/* ---- what is undone ---------------------------------------------------------------------------- */

static bool is_undone(const struct walk *w, const char *path)
{
	return w->plan->undone && strv_find(w->plan->undone, path) >= 0;
}

static int undo(const struct walk *w, const struct folder *in, const char *name, const char *path,
		struct err *err)
{
	struct stat st;

	if (!w->plan->tidy)
		return 0;
	int r = fstat(in->fd, &st) < 0 ? -errno : file_tree_remove(in->fd, name);
	const struct timespec times[] = { st.st_atim, st.st_mtim };
	if (r == 0 && futimens(in->fd, times) < 0)
		r = -errno;
	return r < 0 ? err_sys(err, r, "cannot undo what was done in '/%s'", path) : 0;
}

/* Return: what is undone below a folder; NULL when nothing is. */
static const char *undone_in(const struct walk *w, const char *path, size_t from, size_t *out_at)
{
	for (size_t i = from; w->plan->undone && i < w->plan->undone->count; i++) {
		const char *rest = str_starts(w->plan->undone->items[i], path);
		if (rest && *rest == '/') {
			*out_at = i;
			return w->plan->undone->items[i];
		}
	}
	return NULL;
}

/* What the layers below have of a folder shows no more. */
static int check_undone(const struct walk *w, const char *path, struct err *err)
{
	size_t at = 0;

	for (const char *u = undone_in(w, path, 0, &at); u; u = undone_in(w, path, at + 1, &at)) {
		AUTO(stack_found) struct stack_found below = { .fd = -1 };
		if (look_below(w, u, &below) < 0)
			continue;
		(void)err_set(err, -EOPNOTSUPP,
			      "'/%s' was taken away, and '/%s' with it, where changes are undone",
			      path, u);
		return err_hint(err, "leave the folder, and what is on the way to it, as it is");
	}
	return 0;
}

/* ---- deletions ----------------------------------------------------------------------------- */

/* @mark is the file that says so, or NULL. */
static int tell_deleted(const struct walk *w, struct folder *in, const char *name, const char *mark,
			struct err *err)
{
	AUTO(mem) char *path = join(in, name);
	AUTO(stack_found) struct stack_found below = { .fd = -1 };

	if (is_undone(w, path) ||
	    (!w->plan->alone && (!in->below || look_below(w, path, &below) < 0)))
		return mark ? drop(w, in, mark, path, 0, err) : 0;
	const int r = check_undone(w, path, err);
	return r < 0 ? r : tell(w, in, CHANGE_DELETED, name, path, NULL, err);
}

/* ---- the walk ------------------------------------------------------------------------------ */

/* What was made to be mounted upon, as it was made. */
static bool is_mount_point(const struct walk *w, const struct folder *in, const char *name,
			   const char *path, const struct stat *st)
{
	AUTO(strv) struct strv names = { 0 };

	if (!w->plan->mounted || strv_find(w->plan->mounted, path) < 0)
		return false;
	if (S_ISREG(st->st_mode))
		return st->st_size == 0;
	if (!S_ISDIR(st->st_mode))
		return false;
	AUTO(fd) int fd = openat(in->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || add_names(fd, &names) < 0)
		return false;
	/* fuse-overlayfs marks each folder that it makes, by two names. */
	bool empty = true;
	for (size_t i = 0; i < names.count; i++)
		empty &= w->plan->upper && str_starts(names.items[i], MARK) != NULL;
	return empty;
}

/* Whether a new folder can be one that was made for a mount point in it alone. */
static bool holds_mount_point(const struct walk *w, const char *path)
{
	for (size_t i = 0; w->plan->mounted && i < w->plan->mounted->count; i++) {
		const char *rest = str_starts(w->plan->mounted->items[i], path);
		if (rest && *rest == '/')
			return true;
	}
	return false;
}

static int walk_folder(const struct walk *w, struct folder *f, struct err *err);

static int walk_directory(const struct walk *w, struct folder *in, const char *name,
			  const char *path, const struct stat *st, const struct stack_found *below,
			  struct err *err)
{
	bool there = below->fd >= 0;
	bool merges = there && S_ISDIR(below->st.st_mode);
	AUTO(fd) int fd = openat(in->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return failed(path, -errno, err);
	if (in->depth > DEPTH_MAX)
		return failed(path, -ELOOP, err);
	struct folder f = { .above = in,
			    .dir = in->fd,
			    .fd = fd,
			    .name = name,
			    .path = path,
			    .st = st,
			    .kind = there ? CHANGE_MODIFIED : CHANGE_ADDED,
			    .below = merges,
			    .opaque = w->plan->upper && attr_is_opaque(fd),
			    .depth = in->depth + 1 };
	bool changed = w->plan->folders || !merges || !same(below, in->fd, name, st);
	size_t at;
	if (!there && holds_mount_point(w, path))
		changed = false; /* unless there is something else in it */
	if (merges && undone_in(w, path, 0, &at) && same(below, in->fd, name, st))
		changed = false; /* likewise */
	if (w->plan->tidy && f.opaque && !merges)
		attr_clear_opaque(fd);
	int r = changed ? tell_folder(w, &f, err) : 0;
	if (r == 0)
		r = walk_folder(w, &f, err);
	return r != 0 || f.told ? r : drop(w, in, name, path, AT_REMOVEDIR, err);
}

/* Return: whether a name is a mark of fuse-overlayfs. */
static bool is_mark(const struct walk *w, const char *name)
{
	return w->plan->upper && str_starts(name, MARK);
}

static int walk_name(const struct walk *w, struct folder *in, const char *name, struct err *err)
{
	AUTO(stack_found) struct stack_found below = { .fd = -1 };
	AUTO(mem) char *path = join(in, name);
	struct stat st;

	if (fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : failed(path, -errno, err);
	if (is_mark(w, name))
		return str_eq(name, MARK_OPAQUE)
			       ? 0
			       : tell_deleted(w, in, name + strlen(MARK), name, err);
	if (w->plan->upper && attr_is_whiteout(&st))
		return tell_deleted(w, in, name, name, err);
	if (is_undone(w, path))
		return undo(w, in, name, path, err);
	int r = in->below ? look_below(w, path, &below) : -ENOENT;
	if (r < 0 && r != -ENOENT)
		return failed(path, r, err);
	if (r == 0 && !S_ISDIR(st.st_mode))
		r = check_undone(w, path, err);
	if (r == -EOPNOTSUPP)
		return r;
	if (r < 0 && is_mount_point(w, in, name, path, &st))
		return drop(w, in, name, path, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0, err);
	if (S_ISDIR(st.st_mode))
		return walk_directory(w, in, name, path, &st, &below, err);
	if (r == 0 && !w->plan->upper && same(&below, in->fd, name, &st))
		return 0;
	return tell(w, in, r == 0 ? CHANGE_MODIFIED : CHANGE_ADDED, name, path, &st, err);
}

/* Both lists are sorted; what is in the one below alone is deleted. */
static int walk_names(const struct walk *w, struct folder *f, const struct strv *here,
		      const struct strv *below, struct err *err)
{
	size_t h = 0, b = 0;
	int r = 0;

	while (r == 0 && (h < here->count || b < below->count)) {
		int order = h == here->count	? 1
			    : b == below->count ? -1
						: strcmp(here->items[h], below->items[b]);
		if (order > 0)
			r = tell_deleted(w, f, below->items[b], NULL, err);
		else
			r = walk_name(w, f, here->items[h], err);
		h += order <= 0;
		b += order >= 0;
	}
	return r;
}

static int walk_folder(const struct walk *w, struct folder *f, struct err *err)
{
	AUTO(strv) struct strv here = { 0 };
	AUTO(strv) struct strv below = { 0 };
	int r = add_names(f->fd, &here);

	if (r < 0)
		return failed(f->path, r, err);
	sort(&here);
	if (w->plan->upper && strv_find(&here, MARK_OPAQUE) >= 0)
		f->opaque = true;
	/* An opaque mark must be told even where nothing else is. */
	if (f->opaque && f->below && w->plan->marks)
		r = check_undone(w, f->path, err);
	if (r == 0 && f->opaque && f->below && w->plan->marks)
		r = tell_folder(w, f, err);
	/* Where nothing of the folder below shows, what is not here is deleted. */
	bool hides = w->plan->upper ? f->opaque && !w->plan->marks : true;
	if (r == 0 && hides && f->below) {
		r = names_below(w, f->path, &below);
		if (r < 0)
			return failed(f->path, r, err);
	}
	return r != 0 ? r : walk_names(w, f, &here, &below, err);
}

int changes_walk(const struct changes_plan *plan, change_fn fn, void *data, struct err *err)
{
	const struct walk w = { .plan = plan, .fn = fn, .data = data };
	struct folder top = {
		.dir = plan->dir, .fd = plan->dir, .name = ".", .path = "", .below = true
	};

	bug_unless(!plan->tidy || plan->upper);
	return walk_folder(&w, &top, err);
}
