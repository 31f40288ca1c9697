/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sparse - where the parts of a file with holes lie
 */
#include "layer/sparse.h"

#include <errno.h>

#include "base/mem.h"

int sparse_add(struct sparse *map, int64_t offset, int64_t size)
{
	if (offset < 0 || size < 0)
		return -EBADMSG;
	if (map->count >= SPARSE_PARTS_MAX)
		return -EFBIG;
	*vec_push(map) = (struct sparse_part){ .offset = offset, .size = size };
	return 0;
}

int sparse_check(const struct sparse *map, int64_t stored, int64_t length)
{
	int64_t end = 0, sum = 0;

	for (size_t i = 0; i < map->count; i++) {
		const struct sparse_part *p = &map->items[i];
		if (p->offset < end || p->offset > length || p->size > length - p->offset)
			return -EBADMSG;
		end = p->offset + p->size;
		sum += p->size;
	}
	return sum == stored ? 0 : -EBADMSG;
}

void sparse_clear(struct sparse *map)
{
	free(map->items);
	*map = (struct sparse){ 0 };
}
