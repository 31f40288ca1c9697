/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * character - one character of UTF-8
 */
#include "base/character.h"

#include <stdbool.h>

enum { LAST = 0x10ffff, SURROGATES = 0xd800, BEHIND_SURROGATES = 0xe000 };

/* By the bytes that follow the first. */
static const struct {
	unsigned char mask, mark;
	uint32_t least;
} forms[] = {
	{ 0x80, 0x00, 0 },
	{ 0xe0, 0xc0, 0x80 },
	{ 0xf0, 0xe0, 0x800 },
	{ 0xf8, 0xf0, 0x10000 },
};

static bool is_character(uint32_t number)
{
	return number <= LAST && (number < SURROGATES || number >= BEHIND_SURROGATES);
}

size_t character_read(const char *text, uint32_t *out)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t more = 0;

	while (more < array_len(forms) && (s[0] & forms[more].mask) != forms[more].mark)
		more++;
	if (more == array_len(forms))
		return 0;
	uint32_t number = s[0] & (unsigned char)~forms[more].mask;
	for (size_t i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		number = number << 6 | (s[i] & 0x3f);
	}
	if (number < forms[more].least || !is_character(number))
		return 0;
	*out = number;
	return more + 1;
}
