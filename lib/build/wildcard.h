/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wildcard - the patterns of ${name#pattern}, ${name%pattern} and ${name/pattern/text}
 *
 * '*' is any text, '?' any one character, '\' takes the meaning from '*', '?', '\', '}' and '/'. There are
 * no brackets.
 *
 * Source: Dockerfile reference, "Environment replacement"; BuildKit's shell lexer.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/macros.h"

enum wildcard_limits { WILDCARD_MAX_BYTES = 1 << 20 }; /* of what a replacement yields */

enum wildcard_flags {
	WILDCARD_LONGEST = 1 << 0, /* cut as much as matches, not as little */
	WILDCARD_END = 1 << 1,	   /* cut off the end, not the begin */
};

/**
 * wildcard_cut() - cut off what matches at one end
 * @value:	the text
 * @pattern:	what to cut off
 * @flags:	enum wildcard_flags
 * @out:	what is left, to be freed; set on success only
 * @err:	names the pattern
 *
 * Return: 0; -EINVAL when an escape in the pattern is none.
 */
must_check int wildcard_cut(const char *value, const char *pattern, unsigned flags, char **out,
			    struct err *err);

/**
 * wildcard_replace() - put a text in place of what matches
 * @value:	the text
 * @pattern:	what to replace; each '*' takes as much as it can
 * @with:	taken as it is
 * @max:	how often, counted from the begin
 * @out:	the result, to be freed; set on success only
 * @err:	names the pattern
 *
 * A pattern that matches nothing at all, as an empty one does, replaces nothing.
 *
 * Return: 0; -EINVAL when an escape in the pattern is none; -E2BIG beyond WILDCARD_MAX_BYTES.
 */
must_check int wildcard_replace(const char *value, const char *pattern, const char *with,
				size_t max, char **out, struct err *err);
