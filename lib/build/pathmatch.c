/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pathmatch - patterns of sources: Go's filepath.Match, and "**"
 */
#include "build/pathmatch.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* One character of UTF-8, or a byte that begins none. */
static uint32_t next_char(const char **s, const char *end)
{
	const unsigned char *c = (const unsigned char *)*s;
	int more = *c >= 0xf0 && *c < 0xf8 ? 3 : *c >= 0xe0 ? 2 : *c >= 0xc2 ? 1 : 0;
	uint32_t value = more == 3 ? *c & 7u : more == 2 ? *c & 15u : more == 1 ? *c & 31u : *c;

	if (*c >= 0xf8 || (const unsigned char *)end - c <= more)
		more = 0;
	for (int i = 1; i <= more; i++) {
		if ((c[i] & 0xc0) != 0x80) {
			more = 0;
			break;
		}
		value = value << 6 | (c[i] & 0x3fu);
	}
	*s += more + 1;
	return more ? value : *c;
}

/* A member of a class. Return: 0, or -EINVAL. */
static int class_char(const char **p, const char *end, uint32_t *out)
{
	if (*p == end || **p == '-' || **p == ']')
		return -EINVAL;
	if (**p == '\\' && ++*p == end)
		return -EINVAL;
	*out = next_char(p, end);
	return *p == end ? -EINVAL : 0;
}

/* *p stands behind '['. Return: 1 when @c is in it, 0, -EINVAL; *p is behind ']'. */
static int class_match(const char **p, const char *end, uint32_t c)
{
	bool negated = *p < end && **p == '^', found = false;

	*p += negated;
	for (bool first = true; *p < end && (first || **p != ']'); first = false) {
		uint32_t low, high;
		if (class_char(p, end, &low) < 0)
			return -EINVAL;
		high = low;
		if (**p == '-') {
			++*p;
			if (class_char(p, end, &high) < 0)
				return -EINVAL;
		}
		found |= low <= c && c <= high;
	}
	if (*p == end)
		return -EINVAL;
	++*p;
	return found != negated;
}

/* One element of a pattern other than '*'. Return: whether it takes a character. */
static bool element_match(const char **p, const char *end, uint32_t c)
{
	if (**p == '?') {
		++*p;
		return true;
	}
	if (**p == '[') {
		++*p;
		return class_match(p, end, c) > 0;
	}
	if (**p == '\\')
		++*p;
	return next_char(p, end) == c;
}

bool pathmatch_name(const char *pattern, size_t size, const char *name)
{
	const char *p = pattern, *end = pattern + size, *stop = name + strlen(name);
	const char *again = NULL, *from = NULL; /* behind the last '*', and what it takes next */

	while (name < stop || p < end) {
		if (p < end && *p == '*') {
			again = ++p;
			from = name;
			continue;
		}
		const char *next = name;
		if (p < end && name < stop && element_match(&p, end, next_char(&next, stop))) {
			name = next;
			continue;
		}
		if (!again || from >= stop)
			return false;
		(void)next_char(&from, stop);
		name = from;
		p = again;
	}
	return true;
}

int pathmatch_check(const char *pattern)
{
	const char *end = pattern + strlen(pattern);

	for (const char *p = pattern; p < end;) {
		char c = *p++;
		if (c == '\\' && p++ == end)
			return -EINVAL;
		if (c == '[' && class_match(&p, end, 0) < 0)
			return -EINVAL;
	}
	return 0;
}

bool pathmatch_is_wild(const char *pattern)
{
	for (const char *p = pattern; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (strchr("*?[", *p))
			return true;
	}
	return false;
}

static const char *behind(const char *s, size_t *size)
{
	*size = strcspn(s, "/");
	return s + *size + (s[*size] == '/');
}

enum pathmatch pathmatch_path(const char *pattern, const char *path)
{
	char name[256];
	size_t size, length;

	if (!*path)
		return *pattern ? PATH_ABOVE : PATH_MATCH;
	if (!*pattern)
		return PATH_INSIDE;
	const char *rest = behind(pattern, &size), *below = behind(path, &length);
	if (size == 2 && memcmp(pattern, "**", 2) == 0) {
		enum pathmatch here = pathmatch_path(rest, path);
		if (!*rest)
			return *below ? PATH_INSIDE : PATH_MATCH;
		if (here >= PATH_MATCH)
			return here;
		enum pathmatch deeper = pathmatch_path(pattern, below);
		return deeper >= PATH_MATCH ? deeper : PATH_ABOVE;
	}
	if (length >= sizeof name)
		return PATH_OUT;
	memcpy(name, path, length);
	name[length] = 0;
	return pathmatch_name(pattern, size, name) ? pathmatch_path(rest, below) : PATH_OUT;
}
