/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * str - strings, lists of strings, and strict numbers
 *
 * Numbers are read digit by digit: strtoul would accept signs, spaces and prefixes, which has been
 * a way to become root elsewhere ("exec -u").
 */
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

char *str_vfmt(const char *fmt, va_list args)
{
	char *text = NULL;

	bug_unless(vasprintf(&text, fmt, args) >= 0);
	return text;
}

char *str_fmt(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	char *text = str_vfmt(fmt, args);
	va_end(args);
	return text;
}

char *str_dup(const char *s)
{
	return s ? mem_copy(s, strlen(s)) : NULL;
}

char *str_ndup(const char *s, size_t n)
{
	return mem_copy(s, strnlen(s, n));
}

void str_set(char **slot, const char *s)
{
	char *copy = str_dup(s);

	free(*slot);
	*slot = copy;
}

bool str_eq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

const char *str_starts(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s);
	size_t m = strlen(suffix);

	return n >= m && strcmp(s + n - m, suffix) == 0;
}

char *str_trim(char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	char *end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = 0;
	return s;
}

char *str_cut(char *s, char sep)
{
	char *at = strchr(s, sep);

	if (!at)
		return NULL;
	*at = 0;
	return at + 1;
}

int str_u64(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (!s || !*s)
		return -EINVAL;
	for (const char *p = s; *p; p++)
		if (!isdigit((unsigned char)*p))
			return -EINVAL;
	for (; *s; s++)
		if (__builtin_mul_overflow(n, (uint64_t)10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
			return -ERANGE;
	if (n > max)
		return -ERANGE;
	*out = n;
	return 0;
}

int str_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	uint64_t n;

	if (!s)
		return -EINVAL;
	bool minus = *s == '-';
	int r = str_u64(s + minus, INT64_MAX, &n);
	if (r < 0)
		return r;
	int64_t value = minus ? -(int64_t)n : (int64_t)n;
	if (value < min || value > max)
		return -ERANGE;
	*out = value;
	return 0;
}

bool str_hex(const char *s, size_t n)
{
	size_t i = 0;

	for (; s && s[i]; i++)
		if (!strchr("0123456789abcdef", s[i]))
			return false;
	return i > 0 && (n == 0 || i == n);
}

/* The power of 1024 that a unit stands for, or -1. */
static int unit_power(const char *unit)
{
	static const char letters[] = "bkmgtp";
	const char *at = *unit ? strchr(letters, tolower((unsigned char)*unit)) : letters;

	if (!at)
		return -1;
	if (*unit)
		unit++;
	if (at != letters && tolower((unsigned char)*unit) == 'i')
		unit++;
	if (at != letters && tolower((unsigned char)*unit) == 'b')
		unit++;
	return *unit ? -1 : (int)(at - letters);
}

int str_size(const char *s, uint64_t *out)
{
	const char *end = s ? s + strspn(s, "0123456789.") : NULL;

	if (!s || end == s)
		return -EINVAL;
	int power = unit_power(end);
	if (power < 0)
		return -EINVAL;
	AUTO(mem) char *number = str_ndup(s, (size_t)(end - s));
	char *fraction = str_cut(number, '.');
	uint64_t whole;
	int r = str_u64(number, UINT64_MAX >> (10 * power), &whole);
	if (r < 0)
		return r;
	uint64_t scale = (uint64_t)1 << (10 * power);
	uint64_t bytes = whole * scale;
	if (fraction) {
		uint64_t part, divisor = 1;
		if (strlen(fraction) > 9)
			return -EINVAL;
		r = str_u64(fraction, UINT64_MAX, &part);
		if (r < 0)
			return r;
		for (size_t i = strlen(fraction); i > 0; i--)
			divisor *= 10;
		long double add = (long double)scale * (long double)part / (long double)divisor;
		if (__builtin_add_overflow(bytes, (uint64_t)add, &bytes))
			return -ERANGE;
	}
	*out = bytes;
	return 0;
}

char *str_decimal(int64_t bytes, const char *sep)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)bytes;
	size_t unit = 0;

	/* Three digits are shown: what would round to 1000 is one of the next unit. */
	for (; value >= 999.5 && unit + 1 < array_len(units); unit++)
		value /= 1000;
	return str_fmt(unit ? "%.3g%s%s" : "%.0f%s%s", value, sep, units[unit]);
}

char *str_join(const struct strv *list, const char *sep)
{
	size_t bytes = 1;

	for (size_t i = 0; i < list->count; i++)
		bytes += strlen(list->items[i]) + strlen(sep);
	char *text = mem_alloc(bytes, 1), *at = text;
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			at = stpcpy(at, sep);
		at = stpcpy(at, list->items[i]);
	}
	return text;
}

void strv_take(struct strv *list, char *s)
{
	*vec_push(list) = s;
	/* Room for the closing NULL; it does not count. */
	size_t n = list->count;
	list->items = mem_push(list->items, &n, sizeof *list->items);
}

void strv_add(struct strv *list, const char *s)
{
	strv_take(list, str_dup(s));
}

void strv_addf(struct strv *list, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	strv_take(list, str_vfmt(fmt, args));
	va_end(args);
}

void strv_extend(struct strv *list, const struct strv *more)
{
	for (size_t i = 0; i < more->count; i++)
		strv_add(list, more->items[i]);
}

void strv_split(struct strv *list, const char *s, char sep)
{
	for (;;) {
		const char *end = strchrnul(s, sep);
		strv_take(list, str_ndup(s, (size_t)(end - s)));
		if (!*end)
			return;
		s = end + 1;
	}
}

ssize_t strv_find(const struct strv *list, const char *s)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i], s))
			return (ssize_t)i;
	return -1;
}

void strv_remove(struct strv *list, size_t at)
{
	bug_unless(at < list->count);
	free(list->items[at]);
	memmove(&list->items[at], &list->items[at + 1], (list->count - at) * sizeof *list->items);
	list->count--;
}

static ssize_t env_index(const struct strv *list, const char *name, size_t n)
{
	for (size_t i = 0; i < list->count; i++)
		if (strncmp(list->items[i], name, n) == 0 && list->items[i][n] == '=')
			return (ssize_t)i;
	return -1;
}

void strv_env_set(struct strv *list, const char *assignment)
{
	ssize_t at = env_index(list, assignment, strcspn(assignment, "="));

	if (at < 0) {
		strv_add(list, assignment);
		return;
	}
	str_set(&list->items[at], assignment);
}

const char *strv_env_get(const struct strv *list, const char *name)
{
	ssize_t at = env_index(list, name, strlen(name));

	return at < 0 ? NULL : list->items[at] + strlen(name) + 1;
}

void strv_clear(struct strv *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strv){ 0 };
}
