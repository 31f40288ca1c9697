/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chars - a text that grows byte by byte
 *
 * For readers that decide about each byte. Texts of pieces are printed (base/str.h).
 */
#pragma once

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct chars {
	char *items; /* no zero at the end */
	size_t count;
};

/**
 * chars_add() - add a byte
 * @text:	grows
 * @c:		the byte
 */
static inline void chars_add(struct chars *text, char c)
{
	*vec_push(text) = c;
}

/**
 * chars_adds() - add a text
 * @text:	grows
 * @s:		copied
 */
static inline void chars_adds(struct chars *text, const char *s)
{
	while (*s)
		chars_add(text, *s++);
}

/**
 * chars_addn() - add some bytes
 * @text:	grows
 * @s:		copied
 * @n:		how many
 */
static inline void chars_addn(struct chars *text, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		chars_add(text, s[i]);
}

/**
 * chars_take() - hand the text over
 * @text:	empty afterwards, usable again
 *
 * Return: the text with a zero at its end, to be freed; never NULL.
 */
must_check static inline char *chars_take(struct chars *text)
{
	char *out;

	chars_add(text, 0);
	out = text->items;
	*text = (struct chars){ 0 };
	return out;
}

static inline void auto_chars(struct chars *text)
{
	free(text->items);
}
