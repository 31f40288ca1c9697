/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * harmless - texts of strangers, fit for a terminal
 */
#include "base/harmless.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { LONGEST = 4 }; /* bytes of a character */

/* Reads one character beyond ASCII. Return: its bytes; 0 when these are none. */
static size_t read_character(const unsigned char *s, unsigned int *out)
{
	static const unsigned int least[LONGEST + 1] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	unsigned int c = s[0] & (0x7fU >> n);

	if (s[0] < 0xc0 || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fU);
	}
	*out = c;
	return c < least[n] ? 0 : n;
}

/* Controls, and what turns or ends a line. */
static bool is_command(unsigned int c)
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
	const unsigned char *s = (const unsigned char *)text;
	char *out = NULL;
	size_t size = 0;

	FILE *to = open_memstream(&out, &size);
	bug_unless(to);
	while (*s) {
		unsigned int c = 0;
		size_t n = is_plain(*s) ? 1 : read_character(s, &c);
		if (n > 1 && is_command(c))
			fprintf(to, "\\u%04x", c);
		else if (n)
			fwrite(s, 1, n, to);
		else
			fprintf(to, "\\x%02x", *s);
		s += max_of(n, (size_t)1);
	}
	bug_unless(fclose(to) == 0);
	return out;
}
