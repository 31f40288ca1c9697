/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stack - looking into layers that lie upon each other, without mounting them
 *
 * The answers are those of overlayfs: the uppermost layer that has a name counts; a whiteout or an
 * opaque directory ends the search below it; directories of several layers are one.
 *
 * Which layers have a folder, and which of them hides the rest, is found once and remembered for the
 * folders on the way to the path that was asked for last: paths come sorted, and a layer without
 * the folder is not asked for what is in it. Whoever changes a layer calls stack_forget().
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "base/macros.h"

struct stack_folder;

struct stack {
	int *items; /* directories, the uppermost first; owned */
	size_t count;
	struct {
		struct stack_folder *items; /* from the root on, each in the one before */
		size_t count;
	} way; /* to what was asked for last */
};

/* What lies under a name. */
struct stack_found {
	size_t layer; /* index of the uppermost layer that has it */
	int fd;	      /* O_PATH descriptor, not followed; owned */
	struct stat st;
};

/**
 * stack_find() - look a clean path up, following no link
 * @stack:	the layers; none may have changed since they were asked first
 * @from:	index of the uppermost layer that may give the answer; those above can hide it
 * @path:	clean, not ""; none of its folders may be a link
 * @out:	to be released with stack_found_clear; set on success only
 *
 * Return: 0; -ENOENT; -ENOTDIR when a folder of the path is none; -ELOOP when one is a link.
 */
must_check int stack_find(struct stack *stack, size_t from, const char *path,
			  struct stack_found *out);

/**
 * stack_resolve() - where a path leads, links followed inside the root
 * @stack:	the layers, as for stack_find()
 * @path:	any path
 * @last:	whether a link under the last name is followed as well
 * @out:	a clean path without links on the way; what is not there stays as it is; to be freed
 *
 * Return: 0; -ELOOP; -ENAMETOOLONG.
 */
must_check int stack_resolve(struct stack *stack, const char *path, bool last, char **out);

/**
 * stack_found_clear() - release
 * @found:	empty afterwards
 */
void stack_found_clear(struct stack_found *found);

/**
 * stack_forget() - the content of a layer has changed
 * @stack:	what is remembered is released; the layers stay open
 */
void stack_forget(struct stack *stack);

/**
 * stack_clear() - close the layers
 * @stack:	empty afterwards
 */
void stack_clear(struct stack *stack);

static inline void auto_stack(struct stack *stack)
{
	stack_clear(stack);
}

static inline void auto_stack_found(struct stack_found *found)
{
	stack_found_clear(found);
}
