/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * harmless - texts of strangers, fit for a terminal
 */
#include "base/harmless.h"

#include <stdio.h>
#include <string.h>

#include "base/character.h"
#include "base/str.h"

/* Controls, and what turns or ends a line. */
static bool is_command(uint32_t c)
{
	return c < 0xa0 || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static bool is_plain(unsigned char c)
{
	return (c >= ' ' && c < 127) || c == '\n' || c == '\t';
}

char *harmless(const char *text)
{
	char *out = NULL;
	size_t size = 0;

	FILE *to = open_memstream(&out, &size);
	bug_unless(to);
	while (*text) {
		const unsigned char first = (unsigned char)*text;
		uint32_t c = 0;
		size_t n = character_read(text, &c);
		if (n > 1 && is_command(c))
			fprintf(to, "\\u%04x", c);
		else if (n > 1 || is_plain(first))
			fwrite(text, 1, n, to);
		else
			fprintf(to, "\\x%02x", first);
		text += max_of(n, (size_t)1);
	}
	bug_unless(fclose(to) == 0);
	return out;
}
