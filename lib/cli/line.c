/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * line - texts as single lines of a terminal
 */
#include "cli/line.h"

#include <stdlib.h>
#include <string.h>

#include "base/harmless.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/table.h"

#define ESCAPE '\x1b'
#define BELL '\a'

int line_width(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

/* Bytes of "\e[31m", of a title "\e]0;…\a", or of "\e(B"; ECMA-48, 5.4 and 5.6. */
static size_t sequence(const char *bytes, size_t size)
{
	size_t n = 2;

	if (size < 2)
		return size;
	if (bytes[1] == '[') {
		while (n < size && (bytes[n] < 0x40 || bytes[n] > 0x7e))
			n++;
		return n < size ? n + 1 : size;
	}
	if (bytes[1] == ']') {
		while (n < size && bytes[n] != BELL && bytes[n] != ESCAPE)
			n++;
		return n < size && bytes[n] == ESCAPE ? min_of(n + 2, size) : min_of(n + 1, size);
	}
	return bytes[1] >= 0x20 && bytes[1] < 0x30 ? min_of((size_t)3, size) : 2;
}

/* Begin and end of what stands behind the last \r that something follows. */
static const char *last_part(const char *bytes, size_t *size)
{
	const char *back;

	while (*size && bytes[*size - 1] == '\r')
		--*size;
	back = memrchr(bytes, '\r', *size);
	if (!back)
		return bytes;
	*size -= (size_t)(back + 1 - bytes);
	return back + 1;
}

char *line_clean(const char *bytes, size_t size)
{
	const char *from = last_part(bytes, &size);
	AUTO(mem) char *text = mem_alloc(size + 1, 1);
	size_t n = 0, i = 0;

	while (i < size) {
		if (from[i] == ESCAPE) {
			i += sequence(from + i, size - i);
			continue;
		}
		if (from[i] && from[i] != '\b')
			text[n++] = from[i] == '\t' ? ' ' : from[i];
		i++;
	}
	text[n] = 0;
	return harmless(text);
}

char *line_join(const char *left, const char *right, int columns, int gap)
{
	const int width = *right ? line_width(right) + gap : 0;
	AUTO(mem) char *cut = table_ellipsis(left, max_of(columns - width, 1));

	if (!width)
		return take_ptr(cut);
	const int space = columns - line_width(cut) - line_width(right);
	return str_fmt("%s%*s%s", cut, max_of(space, gap), "", right);
}
