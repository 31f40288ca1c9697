/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * content - copying what is in a regular file
 *
 * Shared where the file system can (reflink), copied by the kernel where it pays, holes stay holes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"

enum content_limits {
	CONTENT_SIZELESS_MAX = 64 << 20
}; /* of files of the kernel's, which tell no size */

/* What was learned of two file systems; begins as zeros. */
struct content_ways {
	bool no_clone;
	char *block; /* freed by content_ways_clear */
};

/**
 * content_copy() - copy all that a file holds
 * @from:	regular file, at its beginning
 * @to:		empty regular file
 * @size:	of @from, as fstat just told; what it grows by meanwhile is left out
 * @sparse:	whether it has fewer blocks than its size needs
 * @ways:	between these two file systems
 *
 * Return: 0 or a negative errno.
 */
must_check int content_copy(int from, int to, int64_t size, bool sparse, struct content_ways *ways);

/**
 * content_ways_clear() - release
 * @ways:	as new afterwards
 */
void content_ways_clear(struct content_ways *ways);
