/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trees - folders to copy from and into, for the tests of this room
 */
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"

/* Old enough to be told from what a test makes. */
enum { OLD = 1000000000 };

struct trees {
	char path[32];
	int dir, from, to;
};

static inline int trees_make(void **state)
{
	struct trees *t = mem_new(struct trees);

	memcpy(t->path, "/tmp/trees_test.XXXXXX", 23);
	if (!mkdtemp(t->path))
		return -1;
	t->dir = open(t->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(t->dir, "from", 0755) < 0 || mkdirat(t->dir, "to", 0755) < 0)
		return -1;
	t->from = openat(t->dir, "from", O_PATH | O_DIRECTORY | O_CLOEXEC);
	t->to = openat(t->dir, "to", O_PATH | O_DIRECTORY | O_CLOEXEC);
	*state = t;
	return t->from < 0 || t->to < 0 ? -1 : 0;
}

static inline int trees_clear(void **state)
{
	struct trees *t = *state;
	int r = file_tree_remove(AT_FDCWD, t->path);

	fd_close(t->from);
	fd_close(t->to);
	fd_close(t->dir);
	free(t);
	return r;
}

static inline void age(int dir, const char *path, time_t seconds)
{
	const struct timespec t = { .tv_sec = seconds }, both[2] = { t, t };

	bug_unless(utimensat(dir, path, both, AT_SYMLINK_NOFOLLOW) == 0);
}

static inline void make_folders(int dir, const char *path)
{
	AUTO(mem) char *part = str_dup(path);

	for (char *c = part; (c = strchr(c, '/')); *c++ = '/') {
		*c = 0;
		(void)!mkdirat(dir, part, 0755);
	}
}

/* A file with its folders; an old one. */
static inline void put(int dir, const char *path, const char *text)
{
	make_folders(dir, path);
	bug_unless(file_write(dir, path, 0644, text, strlen(text)) == 0);
	age(dir, path, OLD);
}

static inline void put_symlink(int dir, const char *path, const char *target)
{
	make_folders(dir, path);
	bug_unless(symlinkat(target, dir, path) == 0);
	age(dir, path, OLD);
}

static inline mode_t mode_of(int dir, const char *path)
{
	struct stat st;

	return fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : st.st_mode;
}

static inline time_t time_of(int dir, const char *path)
{
	struct stat st;

	return fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -1 : st.st_mtim.tv_sec;
}
