/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mem - memory that is there or the program ends
 *
 * Out of memory aborts: nothing here returns NULL. Memory comes zeroed.
 */
#pragma once

#include <stddef.h>

#include "base/macros.h"

/**
 * mem_alloc() - zeroed memory for an array
 * @count:	how many
 * @size:	bytes of each; the product is checked
 *
 * Return: memory to free() with free(); never NULL.
 */
must_check void *mem_alloc(size_t count, size_t size);

/**
 * mem_resize() - grow or shrink an array; what is new is not zeroed
 * @old:	what mem_alloc or mem_resize gave, or NULL
 * @count:	how many
 * @size:	bytes of each; the product is checked
 *
 * Return: the memory; never NULL.
 */
must_check void *mem_resize(void *old, size_t count, size_t size);

/**
 * mem_copy() - a copy of some bytes
 * @from:	may be NULL when @size is 0
 * @size:	bytes
 *
 * Return: memory of @size + 1 bytes, the last of which is 0; never NULL.
 */
must_check void *mem_copy(const void *from, size_t size);

#define mem_new(type) ((type *)mem_alloc(1, sizeof(type)))

/* Makes room for one more item in a { items, count } pair and yields its address, zeroed. */
#define vec_push(vec)                                                                              \
	({                                                                                         \
		__auto_type vec_ = (vec);                                                          \
		vec_->items = mem_push(vec_->items, &vec_->count, sizeof *vec_->items);            \
		&vec_->items[vec_->count - 1];                                                     \
	})

/**
 * mem_push() - make room for one more item at the end of an array
 * @items:	the array, NULL when @count is 0
 * @count:	how many there are; one more afterwards
 * @size:	bytes of each
 *
 * The room doubles at powers of two, so @items must have been grown by this function alone.
 *
 * Return: the array; its last item is zeroed.
 */
must_check void *mem_push(void *items, size_t *count, size_t size);

static inline void auto_mem(void *p)
{
	free(*(void **)p);
}
