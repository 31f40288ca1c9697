/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rune - a character, or a byte that is none
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/character.h"

enum {
	RUNE_STRAY = 0x300000
}; /* a byte that is no UTF-8 is this and its value: beyond all characters */

/**
 * rune_read() - the rune that a text begins with
 * @text:	not empty
 * @out:	its number
 *
 * Return: its bytes, at least 1.
 */
must_check static inline size_t rune_read(const char *text, uint32_t *out)
{
	size_t n = character_read(text, out);

	if (n)
		return n;
	*out = RUNE_STRAY + (unsigned char)*text;
	return 1;
}
