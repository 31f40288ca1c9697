/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * room - many small texts that are released together
 */
#include "build/room.h"

#include <string.h>

#include "base/mem.h"

enum { BLOCK = 64 << 10 };

struct room {
	struct room *before;
	size_t used, size;
	char bytes[];
};

static struct room *more(struct room *before, size_t size)
{
	size_t room = max_of(size, (size_t)BLOCK);
	struct room *r = mem_alloc(1, sizeof *r + room);

	r->before = before;
	r->size = room;
	return r;
}

char *room_copy(struct room **room, const void *data, size_t size)
{
	if (!*room || (*room)->size - (*room)->used < size + 1)
		*room = more(*room, size + 1);
	char *at = (*room)->bytes + (*room)->used;
	if (size)
		memcpy(at, data, size);
	at[size] = 0;
	(*room)->used += size + 1;
	return at;
}

void room_free(struct room *room)
{
	while (room) {
		struct room *before = room->before;
		free(room);
		room = before;
	}
}
