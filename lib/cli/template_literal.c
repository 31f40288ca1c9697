/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_literal - the values of Go's literals
 */
#include "cli/template_literal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

size_t literal_utf8(unsigned long code, char out[5])
{
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return literal_utf8(0xfffd, out);
	for (size_t i = n; i > 1; i--, code >>= 6)
		out[i - 1] = (char)(0x80 | (code & 0x3f));
	out[0] = (char)(lead[n == 1 ? 0 : n] | code);
	out[n] = 0;
	return n;
}

/* Digits of a numeric escape; Return: the bytes read, or 0. */
static size_t read_digits(const char *at, size_t want, int base, unsigned long *out)
{
	char digits[9] = { 0 }, *end;

	memcpy(digits, at, strnlen(at, want));
	*out = strtoul(digits, &end, base);
	return isxdigit((unsigned char)digits[0]) && end == digits + want ? want : 0;
}

/* One escape behind its backslash; Return: the bytes read, or 0 when there is no such escape. */
static size_t read_escape(const char *at, FILE *to)
{
	static const char letters[] = "abfnrtv\\'\"", values[] = "\a\b\f\n\r\t\v\\'\"";
	static const struct {
		char letter;
		size_t digits;
	} numeric[] = { { 'x', 2 }, { 'u', 4 }, { 'U', 8 } };
	const char *plain = *at ? strchr(letters, *at) : NULL;
	unsigned long code;
	char utf8[5] = "";

	if (plain) {
		fputc(values[plain - letters], to);
		return 1;
	}
	if (*at >= '0' && *at <= '7' && read_digits(at, 3, 8, &code) && code < 256) {
		fputc((int)code, to);
		return 3;
	}
	for (size_t i = 0; i < array_len(numeric); i++) {
		if (*at != numeric[i].letter)
			continue;
		if (!read_digits(at + 1, numeric[i].digits, 16, &code))
			return 0;
		if (*at == 'x')
			fputc((int)code, to);
		else
			fwrite(utf8, 1, literal_utf8(code, utf8), to);
		return 1 + numeric[i].digits;
	}
	return 0;
}

/* The text between the quotes, or NULL when an escape is wrong. */
static char *unquote(const char *at, size_t length)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	AUTO(mem) char *inner = str_ndup(at + 1, length - 2);
	bool good = true;

	bug_unless(to);
	for (const char *p = inner; good && *p;) {
		if (*p != '\\') {
			fputc(*p++, to);
			continue;
		}
		size_t n = read_escape(p + 1, to);
		good = n > 0;
		p += 1 + n;
	}
	bug_unless(fclose(to) == 0);
	if (good)
		return text;
	free(text);
	return NULL;
}

/* The number of the one character of a text, or -1. */
static long one_character(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n = *p < 0x80 ? 1 : *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };

	if (strlen(text) != n)
		return -1;
	long code = *p & mask[n];
	for (size_t i = 1; i < n; i++)
		code = code << 6 | (p[i] & 0x3f);
	return code;
}

static int read_text(const struct token *token, cJSON **out, struct err *err)
{
	AUTO(mem)
	char *text = token->kind == TOKEN_RAW ? str_ndup(token->at + 1, token->length - 2)
					      : unquote(token->at, token->length);

	if (!text)
		return err_set(err, -EINVAL, "template: line %d: wrong escape in %.*s", token->line,
			       (int)token->length, token->at);
	if (token->kind != TOKEN_CHAR) {
		*out = cJSON_CreateString(text);
		return 0;
	}
	long code = one_character(text);
	if (code < 0)
		return err_set(err, -EINVAL, "template: line %d: %.*s is not one character",
			       token->line, (int)token->length, token->at);
	*out = cJSON_CreateNumber((double)code);
	return 0;
}

/* Go's prefixes that strtoll does not know. */
static bool read_whole(const char *text, double *out)
{
	const char *digits = text + (*text == '+' || *text == '-');
	char prefix = digits[0] == '0' ? (char)tolower((unsigned char)digits[1]) : 0;
	int base = prefix == 'b' ? 2 : prefix == 'o' ? 8 : 0;
	char *end;

	if (base)
		digits += 2;
	if (base && !isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	long long n = strtoll(digits, &end, base);
	*out = (double)(*text == '-' ? -n : n);
	return errno == 0 && !*end;
}

static bool read_fraction(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return !*end && !strpbrk(text, "nN");
}

int literal_read(const struct token *token, cJSON **out, struct err *err)
{
	if (token->kind != TOKEN_NUMBER)
		return read_text(token, out, err);
	AUTO(mem) char *text = str_ndup(token->at, token->length);
	char *to = text;
	double value;

	for (const char *from = text; *from; from++)
		if (*from != '_')
			*to++ = *from;
	*to = 0;
	if (!read_whole(text, &value) && !read_fraction(text, &value))
		return err_set(err, -EINVAL, "template: line %d: wrong number %.*s", token->line,
			       (int)token->length, token->at);
	*out = cJSON_CreateNumber(value);
	return 0;
}
