/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * changes - what a tree has changed of the layers below it
 *
 * The tree is overlay's upper folder, which holds nothing but changes (whiteouts and opaque folders are
 * marks in it), or a whole tree, each name of which is compared. What comes out is the same:
 *
 *   (1) a folder comes before what is in it; names come sorted by their bytes;
 *   (2) a folder in which something changed has changed, whatever its own attributes say; the root is
 *       never named;
 *   (3) what was deleted with its folder is not named; what is below a folder that is new, is new;
 *   (4) a folder's time alone is no change, for it changes with what is in it.
 *
 *   (5) what is at or below a path of .undone is no change, and with .tidy it is taken away: the layers below show
 *	 there. What takes a folder above such a path away, and with it what the layers below have there, is an
 *	 error.
 *
 * Memory is that of the folders on the way and of the names in them.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/str.h"
#include "layer/stack.h"

enum change_kind { CHANGE_MODIFIED, CHANGE_ADDED, CHANGE_DELETED };

struct change {
	enum change_kind kind;
	const char *path;      /* no leading slash */
	int dir;	       /* the folder that has it, open */
	const char *name;      /* in it */
	const struct stat *st; /* NULL for what was deleted */
	bool opaque; /* a folder that hides what the layers below have in it; with .marks alone */
};

/* Told of each change; a result other than 0 ends the walk. */
typedef int (*change_fn)(void *data, const struct change *change, struct err *err);

struct changes_plan {
	int dir;      /* the tree, readable */
	bool upper;   /* it is overlay's upper folder */
	bool marks;   /* an opaque folder is told as such, not as deletions in it */
	bool folders; /* folders of an upper folder have changed in any case */
	bool alone;   /* .lower is empty because nobody knows it: every mark is told */
	bool tidy; /* what was made to be mounted upon is removed; so are marks without a meaning */
	struct stack *lower;	    /* the layers below */
	const struct strv *mounted; /* paths without a leading slash that were made to be mounted
				     * upon: empty and new they are no change */
	const struct strv *undone;  /* likewise: (5); without links on the way; or NULL */
};

/**
 * changes_walk() - tell all changes
 * @plan:	borrowed
 * @fn:		told
 * @data:	handed to @fn
 * @err:	names what cannot be read
 *
 * Return: 0; what @fn ended it with; otherwise a negative errno.
 */
must_check int changes_walk(const struct changes_plan *plan, change_fn fn, void *data,
			    struct err *err);
