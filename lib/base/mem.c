/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mem - memory that is there or the program ends
 *
 * Does not keep statistics and has no pools: the programs are short or small.
 */
#include "base/mem.h"

#include <string.h>

void *mem_alloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	bug_unless(p);
	return p;
}

void *mem_resize(void *old, size_t count, size_t size)
{
	size_t bytes;

	bug_unless(!__builtin_mul_overflow(count, size, &bytes));
	void *p = realloc(old, bytes ? bytes : 1);
	bug_unless(p);
	return p;
}

void *mem_copy(const void *from, size_t size)
{
	char *p = mem_alloc(size + 1, 1);

	if (size)
		memcpy(p, from, size);
	return p;
}

void *mem_push(void *items, size_t *count, size_t size)
{
	size_t n = *count;

	if ((n & (n - 1)) == 0)
		items = mem_resize(items, n ? 2 * n : 1, size);
	memset((char *)items + n * size, 0, size);
	*count = n + 1;
	return items;
}
