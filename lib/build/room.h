/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * room - many small texts that are released together
 */
#pragma once

#include <stddef.h>

#include "base/macros.h"

struct room;

/**
 * room_copy() - a copy that lives as long as the room
 * @room:	made with the first copy; begins as NULL
 * @data:	may be NULL when @size is 0
 * @size:	bytes
 *
 * Return: @size + 1 bytes, the last of which is 0.
 */
must_check char *room_copy(struct room **room, const void *data, size_t size);

/**
 * room_free() - release all
 * @room:	may be NULL
 */
void room_free(struct room *room);
