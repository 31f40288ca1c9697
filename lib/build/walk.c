/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * walk - the entries of one part of a selection
 */
#include "build/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "layer/attr.h"

enum { DEPTH_MAX = 512, XATTRS = 64 << 10, SKIPPED_MAX = 100 };

struct walk {
	struct selection *out;
	const struct walk_order *order;
	struct err *err;
	char *path; /* of the entry at hand, from the tree's top */
	size_t size;
	size_t base;	     /* where the path below the part begins */
	char *names, *value; /* of attributes */
	bool no_xattrs;	     /* the file system has none */
};

static void auto_walk(struct walk *w)
{
	free(w->path);
	free(w->names);
	free(w->value);
}

static const char *below(const struct walk *w)
{
	return w->path + w->base;
}

static int failed(const struct walk *w, int code, const char *what)
{
	return err_sys(w->err, code, "cannot %s '%s' of %s", what, *w->path ? w->path : ".",
		       w->out->source->name);
}

/* Puts a name behind the first @length bytes. Return: how long the path is then. */
static size_t path_set(struct walk *w, size_t length, const char *name)
{
	size_t n = strlen(name);

	if (length + n + 2 > w->size) {
		w->size = 2 * (length + n + 2);
		w->path = mem_resize(w->path, w->size, 1);
	}
	if (length)
		w->path[length++] = '/';
	memcpy(w->path + length, name, n + 1);
	return length + n;
}

/* ---- attributes ---------------------------------------------------------------------------- */

struct blob {
	char *items;
	size_t count;
};

static void blob_add(struct blob *b, const void *data, size_t size)
{
	b->items = mem_resize(b->items, b->count + size, 1);
	memcpy(b->items + b->count, data, size);
	b->count += size;
}

/* @link is one of procfs: @follow it, or look at what it names in a folder. */
static void read_xattrs(struct walk *w, const char *link, bool follow, struct entry *e)
{
	struct blob all = { 0 };
	ssize_t total = follow ? listxattr(link, w->names, XATTRS)
			       : llistxattr(link, w->names, XATTRS);

	w->no_xattrs = total < 0 && errno == ENOTSUP;
	for (const char *n = w->names; total > 0 && n < w->names + total; n += strlen(n) + 1) {
		if (!attr_allowed(n))
			continue;
		ssize_t size = follow ? getxattr(link, n, w->value, XATTRS)
				      : lgetxattr(link, n, w->value, XATTRS);
		if (size < 0)
			continue;
		uint32_t bytes = (uint32_t)size;
		blob_add(&all, n, strlen(n) + 1);
		blob_add(&all, &bytes, sizeof bytes);
		blob_add(&all, w->value, bytes);
	}
	if (all.count)
		e->xattrs = room_copy((struct room **)&w->out->room, all.items, all.count);
	e->xattrs_size = all.count;
	free(all.items);
}

static void add_xattrs(struct walk *w, int dir, const char *name, struct entry *e)
{
	char link[sizeof "/proc/self/fd//" + 3 * sizeof dir + NAME_MAX + 1];

	if (w->no_xattrs || e->kind == ENTRY_LINK)
		return;
	int n = snprintf(link, sizeof link, "/proc/self/fd/%d/%s", dir, name);
	if (n > 0 && (size_t)n < sizeof link)
		read_xattrs(w, link, false, e);
}

/* ---- entries ------------------------------------------------------------------------------- */

static struct entry *add_entry(struct walk *w, const struct stat *st)
{
	struct entry *e = vec_push(w->out);
	const char *path = below(w);

	*e = (struct entry){
		.path = room_copy((struct room **)&w->out->room, path, strlen(path)),
		.kind = S_ISDIR(st->st_mode)   ? ENTRY_FOLDER
			: S_ISLNK(st->st_mode) ? ENTRY_LINK
					       : ENTRY_FILE,
		.mode = st->st_mode & 07777,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.linked = st->st_nlink > 1 && !S_ISDIR(st->st_mode),
		.key = hash_key_of(st),
	};
	w->out->newest = max_of(w->out->newest, e->key.mtime);
	return e;
}

static int add_target(struct walk *w, int dir, const char *name, struct entry *e)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof target - 1);

	if (n < 0)
		return failed(w, -errno, "read the link");
	e->target = room_copy((struct room **)&w->out->room, target, (size_t)n);
	return 0;
}

static void skip(struct walk *w, const struct stat *st)
{
	const char *kind = S_ISSOCK(st->st_mode)   ? "a socket"
			   : S_ISFIFO(st->st_mode) ? "a named pipe"
						   : "a device";

	if (w->out->skipped.count < SKIPPED_MAX)
		strv_addf(&w->out->skipped, "'%s' of %s is %s and is left out", w->path,
			  w->out->source->name, kind);
}

static bool is_kept_kind(mode_t mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode);
}

/* ---- rules --------------------------------------------------------------------------------- */

static enum source_word ask(const struct source_rules *rules, const char *path, bool folder)
{
	return rules && *path ? rules->ask(rules->data, path, folder) : SOURCE_TAKE;
}

/* @inside: at or below what fits. */
static enum source_word by_pattern(const struct walk *w, bool *inside)
{
	const struct glob *pattern = w->order->pattern;

	*inside |= !pattern || glob_match(pattern, below(w));
	if (*inside)
		return SOURCE_TAKE;
	return glob_below(pattern, below(w)) ? SOURCE_LEAVE : SOURCE_PRUNE;
}

static enum source_word word_of(const struct walk *w, bool folder, bool *inside)
{
	enum source_word word = ask(w->out->source->rules, w->path, folder);

	if (word != SOURCE_PRUNE)
		word = max_of(word, ask(w->order->excludes, below(w), folder));
	if (word != SOURCE_PRUNE)
		word = max_of(word, by_pattern(w, inside));
	return word;
}

/* ---- folders ------------------------------------------------------------------------------- */

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list(int fd, struct strv *out)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	struct dirent *e;

	if (!d)
		return -errno;
	errno = 0;
	while ((e = readdir(d)))
		if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
			strv_add(out, e->d_name);
	int r = -errno;
	(void)closedir(d);
	if (out->count)
		qsort(out->items, out->count, sizeof *out->items, name_compare);
	return r;
}

/* A folder that is being walked. */
struct level {
	int fd;
	size_t length; /* of the path */
	int depth;
	bool inside; /* fits the pattern, or is below what does */
};

static int walk_folder(struct walk *w, const struct level *l);

static int walk_into(struct walk *w, const struct level *above, const char *name, size_t length,
		     bool inside, bool kept)
{
	size_t mine = w->out->count - 1;
	int64_t newest = w->out->newest;
	AUTO(fd) int fd = openat(above->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct level l = { fd, length, above->depth + 1, inside };

	if (fd < 0)
		return failed(w, -errno, "open the folder");
	int r = walk_folder(w, &l);
	if (r == 0 && !kept && w->out->count == mine + 1) {
		w->out->count--;
		w->out->newest = newest;
	}
	return r;
}

static int walk_name(struct walk *w, const struct level *l, const char *name)
{
	size_t length = path_set(w, l->length, name);
	bool inside = l->inside;
	struct stat st;

	if (fstatat(l->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) /* taken away: not there */
		return errno == ENOENT ? 0 : failed(w, -errno, "look at");
	bool folder = S_ISDIR(st.st_mode);
	enum source_word word = word_of(w, folder, &inside);
	if (word == SOURCE_PRUNE || (word == SOURCE_LEAVE && !folder))
		return 0;
	if (!is_kept_kind(st.st_mode)) {
		skip(w, &st);
		return 0;
	}
	struct entry *e = add_entry(w, &st);
	add_xattrs(w, l->fd, name, e);
	if (e->kind == ENTRY_LINK)
		return add_target(w, l->fd, name, e);
	return folder ? walk_into(w, l, name, length, inside, word == SOURCE_TAKE) : 0;
}

static int walk_folder(struct walk *w, const struct level *l)
{
	AUTO(strv) struct strv names = { 0 };

	if (l->depth > DEPTH_MAX)
		return failed(w, -ELOOP, "open the folder");
	int r = list(l->fd, &names);
	if (r < 0)
		return failed(w, r, "read the folder");
	for (size_t i = 0; i < names.count && r == 0; i++) {
		r = walk_name(w, l, names.items[i]);
		w->path[l->length] = 0;
	}
	return r;
}

int walk_part(struct selection *out, const char *from, int fd, const struct stat *st,
	      const struct walk_order *order, struct err *err)
{
	AUTO(walk)
	struct walk w = {
		.out = out,
		.order = order,
		.err = err,
		.names = mem_alloc(XATTRS, 1),
		.value = mem_alloc(XATTRS, 1),
	};

	size_t length = path_set(&w, 0, from);
	w.base = length;
	struct entry *e = add_entry(&w, st);
	w.base += length > 0; /* the slash that names come behind */
	if (!S_ISDIR(st->st_mode)) {
		AUTO(mem) char *link = str_fmt("/proc/self/fd/%d", fd);
		read_xattrs(&w, link, true, e);
		return 0;
	}
	add_xattrs(&w, fd, ".", e);
	const struct level top = { fd, length, 0, false };
	return walk_folder(&w, &top);
}
