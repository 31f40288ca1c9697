/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stack - looking into layers that lie upon each other, without mounting them
 */
#include "layer/stack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "kern/at.h"
#include "layer/attr.h"
#include "layer/tree.h"

enum { LINKS_MAX = AT_LINKS_MAX };

void stack_clear(struct stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		fd_close(stack->items[i]);
	free(stack->items);
	*stack = (struct stack){ 0 };
}

void stack_found_clear(struct stack_found *found)
{
	fd_close(found->fd);
	*found = (struct stack_found){ .fd = -1 };
}

static bool opaque_at(int layer, const char *path)
{
	AUTO(fd)
	int fd = at_open(layer, path, O_RDONLY | O_DIRECTORY, 0,
			 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	return fd >= 0 && attr_is_opaque(fd);
}

/*
 * Looks at each folder of @path in one layer, from the root on. -ENOENT: this layer says nothing
 * against the lower ones. -ESTALE: it hides them. Otherwise the descriptor of what it has.
 */
static int look(int layer, const char *path, struct stat *st, bool *out_hides)
{
	AUTO(mem) char *part = str_dup(path);

	*out_hides = opaque_at(layer, ".");
	for (char *end = part;; end++) {
		end += strcspn(end, "/");
		bool last = !*end;
		*end = 0;
		AUTO(fd)
		int fd = at_open(layer, part, O_PATH | O_NOFOLLOW, 0,
				 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
		if (fd == -ENOENT)
			return *out_hides ? -ESTALE : -ENOENT;
		if (fd < 0)
			return fd;
		if (fstat(fd, st) < 0)
			return -errno;
		if (tree_is_whiteout(st))
			return -ESTALE;
		if (last)
			return take_fd(fd);
		if (S_ISLNK(st->st_mode))
			return -ELOOP;
		if (!S_ISDIR(st->st_mode))
			return -ENOTDIR;
		*out_hides = *out_hides || opaque_at(layer, part);
		*end = '/';
	}
}

/* Whether a layer's own directory lets those of lower layers through. */
static bool lets_through(int layer, const char *path, const struct stat *st, bool hides)
{
	return !hides && S_ISDIR(st->st_mode) && !opaque_at(layer, path);
}

int stack_find(const struct stack *stack, size_t from, const char *path, struct stack_found *out)
{
	for (size_t i = 0; i < stack->count; i++) {
		struct stat st;
		bool hides;
		int fd = look(stack->items[i], path, &st, &hides);
		if (fd == -ENOENT)
			continue;
		if (fd < 0)
			return fd == -ESTALE ? -ENOENT : fd;
		if (i < from) {
			fd_close(fd);
			if (lets_through(stack->items[i], path, &st, hides))
				continue;
			return -ENOENT;
		}
		*out = (struct stack_found){ .layer = i, .fd = fd, .st = st };
		return 0;
	}
	return -ENOENT;
}

/* Reads a link's text in front of the rest of the path. */
static int follow(const struct stack_found *found, char **rest)
{
	char target[PATH_MAX];

	ssize_t n = readlinkat(found->fd, "", target, sizeof target);
	if (n < 0)
		return -errno;
	if (n == 0 || n == sizeof target || (size_t)n + strlen(*rest) >= PATH_MAX)
		return -ENAMETOOLONG;
	target[n] = 0;
	char *joined = str_fmt("%s/%s", target, *rest);
	free(*rest);
	*rest = joined;
	return target[0] == '/';
}

static void drop_last(char *path)
{
	char *slash = strrchr(path, '/');

	*(slash ? slash : path) = 0;
}

int stack_resolve(const struct stack *stack, const char *path, bool last, char **out)
{
	AUTO(mem) char *done = str_dup("");
	AUTO(mem) char *rest = str_dup(path);
	int links = 0;

	while (rest[strspn(rest, "/")]) {
		char *at = rest + strspn(rest, "/");
		AUTO(mem) char *name = str_ndup(at, strcspn(at, "/"));
		at += strlen(name);
		at += strspn(at, "/");
		bool final = !*at;
		memmove(rest, at, strlen(at) + 1);
		if (str_eq(name, "."))
			continue;
		if (str_eq(name, "..")) {
			drop_last(done);
			continue;
		}
		AUTO(mem) char *next = str_fmt("%s%s%s", done, *done ? "/" : "", name);
		AUTO(stack_found) struct stack_found found = { .fd = -1 };
		int r = stack_find(stack, 0, next, &found);
		if (r < 0 || !S_ISLNK(found.st.st_mode) || (final && !last)) {
			str_set(&done, next);
			continue;
		}
		r = ++links > LINKS_MAX ? -ELOOP : follow(&found, &rest);
		if (r < 0)
			return r;
		if (r > 0)
			str_set(&done, "");
	}
	*out = take_ptr(done);
	return 0;
}
