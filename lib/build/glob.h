/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * glob - patterns of paths
 *
 *	*		any text without '/'
 *	?		any character but '/'
 *	[a-z] [^a-z]	one of these characters, one of the others; '\' takes their meaning from '-', ']' and so on
 *	\x		x, whatever it is
 *	**		with GLOB_DEEP: any text with '/', up to a '/' when more of the pattern follows; "**" at the
 *			begin with nothing but plain text behind it is any begin
 *
 * A pattern fits the whole path. Matching takes time in proportion to both lengths, whatever the pattern.
 *
 * Source: Go's filepath.Match; moby/patternmatcher for "**".
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/macros.h"

enum glob_flags { GLOB_DEEP = 1 << 0 /* "**" is more than "*" */ };

struct glob;

/**
 * glob_parse() - read a pattern
 * @pattern:	the text
 * @flags:	enum glob_flags
 * @out:	to be released with glob_free(); set on success only
 * @err:	names the pattern
 *
 * Return: 0; -EINVAL when a '[' is not closed or empty, a range ends before it begins, or a '\' ends the text.
 */
must_check int glob_parse(const char *pattern, unsigned flags, struct glob **out, struct err *err);

/**
 * glob_match() - whether a path fits
 * @glob:	read
 * @path:	the whole path
 *
 * Return: whether it fits.
 */
bool glob_match(const struct glob *glob, const char *path);

/**
 * glob_below() - whether a path below a folder may fit
 * @glob:	read
 * @folder:	without '/' at its end; "" is the root of all
 *
 * Return: false when none can, whatever is in there.
 */
bool glob_below(const struct glob *glob, const char *folder);

/**
 * glob_magic() - whether a text is more than one path
 * @pattern:	the text
 *
 * Return: whether there is a '*', '?' or '[' without '\' before it. Without one docker takes the text as it
 * is, '\' included.
 */
bool glob_magic(const char *pattern);

/**
 * glob_free() - release it
 * @glob:	may be NULL
 */
void glob_free(struct glob *glob);

DEFINE_AUTO_PTR(glob, struct glob, glob_free)
