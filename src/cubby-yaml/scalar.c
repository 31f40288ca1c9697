/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scalar - what a word of YAML means in JSON
 */
#include "scalar.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { WORD_MAX = 64, FIRST_PRINTABLE = 0x20 };

static const struct {
	const char *word;
	enum scalar_kind kind;
	const char *value;
} words[] = {
	{ "", SCALAR_NULL, "null" },	   { "~", SCALAR_NULL, "null" },
	{ "null", SCALAR_NULL, "null" },   { "Null", SCALAR_NULL, "null" },
	{ "NULL", SCALAR_NULL, "null" },   { "true", SCALAR_BOOL, "true" },
	{ "True", SCALAR_BOOL, "true" },   { "TRUE", SCALAR_BOOL, "true" },
	{ "false", SCALAR_BOOL, "false" }, { "False", SCALAR_BOOL, "false" },
	{ "FALSE", SCALAR_BOOL, "false" },
};

/* Digits of a base, between which "_" may stand; cut out of what is returned. */
static bool take_digits(const char *s, int base, char *out, size_t room)
{
	size_t n = 0;

	if (!isxdigit((unsigned char)*s))
		return false;
	for (; *s; s++) {
		if (*s == '_')
			continue;
		int digit = isdigit((unsigned char)*s)	  ? *s - '0'
			    : isxdigit((unsigned char)*s) ? tolower((unsigned char)*s) - 'a' + 10
							  : base;
		if (digit >= base || n + 1 >= room)
			return false;
		out[n++] = *s;
	}
	out[n] = 0;
	return true;
}

static bool whole_number(const char *word, char **out)
{
	static const struct {
		const char *prefix;
		int base;
	} bases[] = { { "0x", 16 }, { "0X", 16 }, { "0o", 8 }, { "0b", 2 }, { "0", 8 }, { "", 10 } };
	bool minus = *word == '-';
	const char *s = word + (minus || *word == '+');
	char digits[WORD_MAX + 1];

	for (size_t i = 0; i < array_len(bases); i++) {
		const char *rest = str_starts(s, bases[i].prefix);
		if (!rest || !take_digits(rest, bases[i].base, digits, sizeof digits))
			continue;
		if (bases[i].base == 10) {
			const char *first = digits + strspn(digits, "0");
			*out = str_fmt("%s%s", minus ? "-" : "", *first ? first : "0");
			return true;
		}
		errno = 0;
		unsigned long long n = strtoull(digits, NULL, bases[i].base);
		if (errno)
			return false;
		*out = str_fmt("%s%llu", minus && n ? "-" : "", n);
		return true;
	}
	return false;
}

/* [-+] digits [. digits] [e [-+] digits], with a digit before or behind the point. */
static bool looks_real(const char *s)
{
	size_t before, behind = 0;

	s += *s == '-' || *s == '+';
	before = strspn(s, "0123456789");
	s += before;
	if (*s == '.') {
		behind = strspn(s + 1, "0123456789");
		s += 1 + behind;
	}
	if (!before && !behind)
		return false;
	if (*s == 'e' || *s == 'E') {
		s += 1 + (s[1] == '-' || s[1] == '+');
		size_t digits = strspn(s, "0123456789");
		if (!digits)
			return false;
		s += digits;
	}
	return *s == 0;
}

static bool real_number(const char *word, char **out)
{
	if (!looks_real(word))
		return false;
	double n = strtod(word, NULL);
	if (!isfinite(n))
		return false;
	*out = str_fmt("%.17g", n);
	return true;
}

enum scalar_kind scalar_plain(const char *word, char **out)
{
	for (size_t i = 0; i < array_len(words); i++)
		if (str_eq(word, words[i].word)) {
			*out = str_dup(words[i].value);
			return words[i].kind;
		}
	if (strlen(word) > WORD_MAX || !strchr("+-.0123456789", *word))
		return SCALAR_TEXT;
	if (whole_number(word, out))
		return SCALAR_INT;
	return real_number(word, out) ? SCALAR_FLOAT : SCALAR_TEXT;
}

char *scalar_quote(const char *text, size_t size)
{
	char *quoted = NULL;
	size_t length;

	if (memchr(text, 0, size))
		return NULL;
	FILE *out = open_memstream(&quoted, &length);
	bug_unless(out);
	fputc('"', out);
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < FIRST_PRINTABLE)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
	(void)fclose(out); /* into memory: nothing to lose */
	return quoted;
}
