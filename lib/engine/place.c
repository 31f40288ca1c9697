/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place - where a path of `cp` leads, by docker's rules
 */
#include "engine/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "kern/at.h"

/* Cuts slashes off the end. */
static char *without_slashes(const char *path)
{
	size_t n = strlen(path);

	while (n > 0 && path[n - 1] == '/')
		n--;
	return str_ndup(path, n);
}

/* The part before the last name, and the name; both are copies. */
static void split(const char *path, char **out_parent, char **out_name)
{
	AUTO(mem) char *clean = without_slashes(path);
	const char *slash = strrchr(clean, '/');

	*out_parent = slash ? str_ndup(clean, (size_t)(slash - clean)) : str_dup("");
	*out_name = str_dup(slash ? slash + 1 : clean);
}

static bool is_no_name(const char *name)
{
	return !*name || str_eq(name, ".") || str_eq(name, "..");
}

static int open_folder(int root, const char *path)
{
	return at_open_in_root(root, *path ? path : "/", O_PATH | O_DIRECTORY, 0);
}

static enum place_kind kind_of(const struct stat *st)
{
	return S_ISDIR(st->st_mode) ? PLACE_FOLDER : PLACE_FILE;
}

/* Where a link leads, as a path in the root. */
static int follow_link(int dir, const char *parent, const char *name, char **out)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof target - 1);

	if (n < 0)
		return -errno;
	target[n] = 0;
	*out = target[0] == '/' ? str_dup(target) : str_fmt("%s/%s", parent, target);
	return 0;
}

/* @name is the last one of a path, in an open folder; or the folder itself is meant. */
static int look(int dir, const char *name, struct place *out)
{
	if (fstatat(dir, name, &out->st, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
		return -errno;
	out->kind = out->st.st_mode ? kind_of(&out->st) : PLACE_MISSING;
	out->name = str_dup(name);
	return 0;
}

/* Follows links one after the other, each looked up in the root, so that the last name stays one. */
static int find(int root, const char *path, bool follow, struct place *out)
{
	AUTO(mem) char *at = str_dup(path);

	for (int links = 0; links <= AT_LINKS_MAX; links++) {
		AUTO(mem) char *parent = NULL;
		AUTO(mem) char *name = NULL;
		split(at, &parent, &name);
		bool whole = is_no_name(name);
		AUTO(fd) int dir = open_folder(root, whole ? at : parent);
		if (dir < 0)
			return dir;
		int r = look(dir, whole ? "." : name, out);
		if (r < 0)
			return r;
		out->dir = take_fd(dir);
		if (!follow || out->kind == PLACE_MISSING || !S_ISLNK(out->st.st_mode))
			return 0;
		char *next;
		r = follow_link(out->dir, parent, name, &next);
		if (r < 0)
			return r;
		free(at);
		at = next;
		fd_close(take_fd(out->dir));
		str_set(&out->name, NULL);
		out->st = (struct stat){ 0 };
	}
	return -ELOOP;
}

static int resolve(int root, const char *path, bool follow, struct place *out)
{
	AUTO(place) struct place p = { .dir = -1 };
	AUTO(mem) char *parent = NULL;

	split(path, &parent, &p.as);
	p.slash = str_ends(path, "/");
	p.contents = is_no_name(p.as);
	if (p.contents)
		str_set(&p.as, "");
	int r = find(root, path, follow || p.slash, &p);
	if (r < 0)
		return r;
	if (p.kind == PLACE_FILE && p.slash)
		return -ENOTDIR;
	*out = p;
	p = (struct place){ .dir = -1 };
	return 0;
}

int place_source(int root, const char *path, bool follow, struct place *out)
{
	AUTO(place) struct place p = { .dir = -1 };
	int r = resolve(root, path, follow, &p);

	if (r < 0)
		return r;
	if (p.kind == PLACE_MISSING)
		return -ENOENT;
	*out = p;
	p = (struct place){ .dir = -1 };
	return 0;
}

int place_target(int root, const char *path, struct place *out)
{
	return resolve(root, path, true, out);
}

int place_open(const struct place *place)
{
	int fd = openat(place->dir, place->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void place_clear(struct place *place)
{
	fd_close(place->dir);
	free(place->name);
	free(place->as);
	*place = (struct place){ .dir = -1 };
}
