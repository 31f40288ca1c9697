/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sparse - where the parts of a file with holes lie
 *
 * Invariants after sparse_check(): parts are sorted, do not overlap, and end within the file.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

enum { SPARSE_PARTS_MAX = 1 << 20 };

struct sparse_part {
	int64_t offset;
	int64_t size;
};

struct sparse {
	struct sparse_part *items;
	size_t count;
};

/**
 * sparse_add() - add a part
 * @map:	grows
 * @offset:	in the file
 * @size:	of the part
 *
 * Return: 0; -EBADMSG for a negative number; -EFBIG beyond SPARSE_PARTS_MAX.
 */
must_check int sparse_add(struct sparse *map, int64_t offset, int64_t size);

/**
 * sparse_check() - check a map
 * @map:	all parts of the file
 * @stored:	bytes that the archive has of it
 * @length:	of the file
 *
 * Return: 0; -EBADMSG when it breaks an invariant or the parts do not add up to @stored.
 */
must_check int sparse_check(const struct sparse *map, int64_t stored, int64_t length);

/**
 * sparse_clear() - release
 * @map:	empty afterwards
 */
void sparse_clear(struct sparse *map);
