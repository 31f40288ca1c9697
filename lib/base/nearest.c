/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nearest - which known word a mistyped one was meant to be
 *
 * Words longer than NEAREST_MAX are never near: no command or flag is that long.
 */
#include "base/nearest.h"

#include <string.h>

#include "base/mem.h"

enum { NEAREST_MAX = 64 };

void nearest_begin(struct nearest *out, const char *typed)
{
	size_t limit = strlen(typed) / 3;

	limit = limit < 1 ? 1 : limit > 3 ? 3 : limit;
	*out = (struct nearest){ .typed = typed, .distance = limit + 1 };
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t ab = min_of(a, b);
	return min_of(ab, c);
}

size_t nearest_distance(const char *a, const char *b, size_t max)
{
	size_t rows = strlen(a), columns = strlen(b);
	/* The row being filled and the two before it. */
	size_t table[3][NEAREST_MAX + 1];

	if (rows > NEAREST_MAX || columns > NEAREST_MAX)
		return max + 1;
	for (size_t j = 0; j <= columns; j++)
		table[0][j] = j;
	for (size_t i = 1; i <= rows; i++) {
		size_t *now = table[i % 3], *before = table[(i + 2) % 3];
		const size_t *earlier = table[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= columns; j++) {
			now[j] = min3(before[j] + 1, now[j - 1] + 1,
				      before[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min_of(now[j], earlier[j - 2] + 1);
		}
	}
	return table[rows % 3][columns];
}

void nearest_offer(struct nearest *nearest, const char *word)
{
	size_t distance = nearest_distance(nearest->typed, word, nearest->distance);

	if (distance < nearest->distance) {
		nearest->distance = distance;
		nearest->best = word;
	}
}
