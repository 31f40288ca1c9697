/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * utf8 - what is text in a run of bytes
 */
#include "base/utf8.h"

#include <string.h>

#include "base/mem.h"

/* Length of the character that begins here by its first byte; 0 when none can begin so. */
static size_t utf8_wants(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t utf8_length(const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = utf8_wants(*s);

	if (n < 2 || n > size)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates and what is above U+10FFFF. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

char *utf8_text(const char *bytes, size_t size)
{
	const unsigned char *s = (const unsigned char *)bytes, *end = s + size;
	char *text = mem_alloc(3 * size + 1, 1), *out = text;

	while (s < end) {
		size_t n = *s < 0x80 ? 1 : utf8_length((const char *)s, (size_t)(end - s));
		if (n && *s)
			out = mempcpy(out, s, n);
		else if (!n)
			out = mempcpy(out, "\xef\xbf\xbd", 3);
		s += n ? n : 1;
	}
	*out = 0;
	return text;
}

size_t utf8_cut(const char *text, size_t size)
{
	for (size_t back = 1; back <= 3 && back <= size; back++) {
		unsigned char c = (unsigned char)text[size - back];
		if ((c & 0xc0) != 0x80)
			return utf8_wants(c) > back ? size - back : size;
	}
	return size;
}
