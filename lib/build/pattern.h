/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pattern - a list of patterns that keep paths out, and of those with '!' that let them in again
 *
 * The last pattern that fits a path or a folder above it decides. Patterns are cleaned as paths are ("./a//b/../c/"
 * is "a/c"), and "**" is any number of folders.
 *
 * Walking a tree, what fits a folder is carried down to what is below it, in a struct pattern_state for each folder:
 * then each path is compared once with each pattern.
 *
 * Source: moby/patternmatcher, MatchesOrParentMatches.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "build/glob.h"

struct pattern {
	char *text; /* cleaned, without '!' */
	bool keeps; /* '!' */
	struct glob *glob;
};

struct patterns {
	struct pattern *items;
	size_t count;
};

/* Which patterns fit a folder or one above it. */
struct pattern_state {
	bool *fits; /* as many as there are patterns; NULL: none */
};

/**
 * patterns_add() - add a pattern at the end
 * @patterns:	grows
 * @text:	white space around it does not count; nothing adds nothing
 * @err:	names the pattern
 *
 * Return: 0; -EINVAL when it is none.
 */
must_check int patterns_add(struct patterns *patterns, const char *text, struct err *err);

/**
 * patterns_exclude() - whether a path is kept out
 * @patterns:	the list
 * @path:	relative and clean; "" and "." never are
 *
 * Return: whether it is.
 */
bool patterns_exclude(const struct patterns *patterns, const char *path);

/**
 * patterns_step() - whether a path is kept out, when it is known what fits its folder
 * @patterns:	the list
 * @above:	state of the folder that it is in; zeroed for the topmost
 * @path:	relative and clean
 * @out:	NULL, or zeroed and gets the state of @path, for what is below it; pattern_state_clear()
 *
 * Return: whether it is.
 */
bool patterns_step(const struct patterns *patterns, const struct pattern_state *above,
		   const char *path, struct pattern_state *out);

/**
 * patterns_keep_below() - whether a folder that is kept out may hold something that is not
 * @patterns:	the list
 * @state:	the folder's, of patterns_step()
 * @path:	the folder
 *
 * Return: false when it need not be walked.
 */
bool patterns_keep_below(const struct patterns *patterns, const struct pattern_state *state,
			 const char *path);

/**
 * pattern_clean() - a path without "." and "..", doubled and last slashes
 * @path:	any; "" becomes "."
 *
 * Source: Go's path.Clean.
 *
 * Return: the path, to be freed; never NULL.
 */
must_check char *pattern_clean(const char *path);

/**
 * pattern_state_clear() - release it
 * @state:	zeroed afterwards
 */
void pattern_state_clear(struct pattern_state *state);

/**
 * patterns_clear() - release all
 * @patterns:	empty afterwards
 */
void patterns_clear(struct patterns *patterns);

static inline void auto_patterns(struct patterns *patterns)
{
	patterns_clear(patterns);
}

static inline void auto_pattern_state(struct pattern_state *state)
{
	pattern_state_clear(state);
}
