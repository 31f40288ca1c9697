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
#include "base/mem.h"
#include "base/str.h"
#include "kern/at.h"
#include "layer/attr.h"

enum { LINKS_MAX = AT_LINKS_MAX };

/* A layer in which a folder is one. */
struct part {
	size_t layer;
	bool hides; /* the folder, or one above it, is opaque there: lower layers do not count */
};

struct stack_folder {
	char *path; /* "" is the root */
	struct part *items;
	size_t count;
	int end; /* what is said of names that no part has: -ENOENT, -ELOOP or -ENOTDIR */
};

static void folder_free(struct stack_folder *folder)
{
	free(folder->path);
	free(folder->items);
}

static void go_back(struct stack *stack, size_t count)
{
	while (stack->way.count > count)
		folder_free(&stack->way.items[--stack->way.count]);
}

void stack_forget(struct stack *stack)
{
	go_back(stack, 0);
	free(take_ptr(stack->way.items));
}

void stack_clear(struct stack *stack)
{
	stack_forget(stack);
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

static int open_in(int layer, const char *path, int flags)
{
	return at_open(layer, path, flags, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

static bool opaque_at(int layer, const char *path)
{
	AUTO(fd) int fd = open_in(layer, path, O_RDONLY | O_DIRECTORY);

	return fd >= 0 && attr_is_opaque(fd);
}

/* Return: descriptor of what a layer has under a path; -ESTALE for a whiteout. */
static int look(int layer, const char *path, struct stat *out_st)
{
	AUTO(fd) int fd = open_in(layer, path, O_PATH | O_NOFOLLOW);

	if (fd < 0)
		return fd;
	if (fstat(fd, out_st) < 0)
		return -errno;
	return attr_is_whiteout(out_st) ? -ESTALE : take_fd(fd);
}

/* Return: 1 for a folder, 0 when the layer says nothing, or what it says of all names in it. */
static int look_for_folder(int layer, const char *path)
{
	struct stat st;

	AUTO(fd) int fd = look(layer, path, &st);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd == -ESTALE ? -ENOENT : fd;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	return S_ISDIR(st.st_mode) ? 1 : -ENOTDIR;
}

static bool add_part(const struct stack *stack, struct stack_folder *folder, size_t layer,
		     bool hides)
{
	struct part *part = vec_push(folder);

	*part = (struct part){
		.layer = layer,
		.hides = hides ||
			 opaque_at(stack->items[layer], *folder->path ? folder->path : "."),
	};
	return part->hides;
}

static void enter_root(struct stack *stack)
{
	struct stack_folder *root = vec_push(&stack->way);

	*root = (struct stack_folder){ .path = str_dup(""), .end = -ENOENT };
	for (size_t i = 0; i < stack->count; i++)
		if (add_part(stack, root, i, false))
			break;
}

/* Goes into a folder of the last one of the way. */
static void enter(struct stack *stack, const char *path)
{
	struct stack_folder *folder = vec_push(&stack->way);
	const struct stack_folder *parent = folder - 1;

	*folder = (struct stack_folder){ .path = str_dup(path), .end = parent->end };
	for (size_t i = 0; i < parent->count; i++) {
		const struct part *in = &parent->items[i];
		int r = look_for_folder(stack->items[in->layer], path);
		bool hides = r > 0 ? add_part(stack, folder, in->layer, in->hides) : in->hides;
		if (r >= 0 && !hides)
			continue;
		folder->end = r < 0 ? r : -ENOENT;
		return;
	}
}

static bool lies_in(const char *path, const char *folder)
{
	const char *rest = str_starts(path, folder);

	return !*folder || (rest && (!*rest || *rest == '/'));
}

/* Return: the folder of that path, or the last one above it that any layer has. */
static const struct stack_folder *go_to(struct stack *stack, const char *path)
{
	if (!stack->way.count)
		enter_root(stack);
	for (size_t i = 0; i < stack->way.count; i++)
		if (str_eq(stack->way.items[i].path, path))
			return &stack->way.items[i];
	while (!lies_in(path, stack->way.items[stack->way.count - 1].path))
		go_back(stack, stack->way.count - 1);
	while (true) {
		const struct stack_folder *last = &stack->way.items[stack->way.count - 1];
		size_t have = strlen(last->path);
		if (!last->count || str_eq(last->path, path))
			return last;
		have += *last->path != 0;
		AUTO(mem) char *next = str_ndup(path, have + strcspn(path + have, "/"));
		enter(stack, next);
	}
}

/* Whether a layer's own directory lets those of lower layers through. */
static bool lets_through(const struct stack *stack, const struct part *part, const char *path,
			 const struct stat *st)
{
	return !part->hides && S_ISDIR(st->st_mode) && !opaque_at(stack->items[part->layer], path);
}

int stack_find(struct stack *stack, size_t from, const char *path, struct stack_found *out)
{
	const char *slash = strrchr(path, '/');
	AUTO(mem) char *parent = str_ndup(path, slash ? (size_t)(slash - path) : 0);

	const struct stack_folder *folder = go_to(stack, parent);
	for (size_t i = 0; i < folder->count; i++) {
		const struct part *part = &folder->items[i];
		struct stat st;
		AUTO(fd) int fd = look(stack->items[part->layer], path, &st);
		if (fd == -ENOENT && !part->hides)
			continue;
		if (fd < 0)
			return fd == -ESTALE ? -ENOENT : fd;
		if (part->layer >= from) {
			*out = (struct stack_found){ .layer = part->layer,
						     .fd = take_fd(fd),
						     .st = st };
			return 0;
		}
		if (!lets_through(stack, part, path, &st))
			return -ENOENT;
	}
	return folder->end;
}

/* Whether a path was found to be a folder before, so that it is no link. */
static bool known_folder(const struct stack *stack, const char *path)
{
	for (size_t i = 0; i < stack->way.count; i++)
		if (str_eq(stack->way.items[i].path, path))
			return stack->way.items[i].count > 0;
	return false;
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

int stack_resolve(struct stack *stack, const char *path, bool last, char **out)
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
		int r = known_folder(stack, next) ? -ENOENT : stack_find(stack, 0, next, &found);
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
