/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ignore - the file that says what of a context counts: .dockerignore
 *
 * One pattern a line; '#' at the very begin of a line makes it a comment; a '/' at the begin of a pattern says nothing.
 *
 * Source: docker's documentation, ".dockerignore files"; moby/patternmatcher's ignorefile.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "build/pattern.h"

enum ignore_limits {
	IGNORE_MAX_BYTES = 1 << 20,
	IGNORE_MAX_PATTERNS = 10 * 1000,
};

/**
 * ignore_parse() - read such a file
 * @text:	the file; need not end with 0
 * @size:	bytes
 * @name:	what errors call it: ".dockerignore"
 * @out:	patterns are added, also of a file that turns out to be wrong
 * @err:	names file, line and pattern
 *
 * Return: 0; -EINVAL when a pattern is none; -EFBIG beyond ignore_limits.
 */
must_check int ignore_parse(const char *text, size_t size, const char *name, struct patterns *out,
			    struct err *err);
