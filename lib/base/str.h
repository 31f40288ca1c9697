/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * str - strings, lists of strings, and strict numbers
 *
 * Strings are owned by whoever holds them and released with free(); borrowed ones are const.
 * A strv is a list that owns its items; items[count] is always NULL once something was added.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/macros.h"
#include "base/mem.h"

struct strv {
	char **items;
	size_t count;
};

/**
 * str_fmt() - a new string, printed
 * @fmt:	as printf
 *
 * Return: the string, to be freed; never NULL.
 */
must_check char *str_fmt(const char *fmt, ...) printf_like(1, 2);

/**
 * str_vfmt() - a new string, printed from a list of arguments
 * @fmt:	as printf
 * @args:	its arguments
 *
 * Return: the string, to be freed; never NULL.
 */
must_check char *str_vfmt(const char *fmt, va_list args) printf_like(1, 0);

/**
 * str_dup() - a copy
 * @s:	may be NULL
 *
 * Return: the copy, or NULL for NULL.
 */
must_check char *str_dup(const char *s);

/**
 * str_ndup() - a copy of the first bytes
 * @s:	at least @n bytes long or ended before
 * @n:	bytes at most
 *
 * Return: the copy; never NULL.
 */
must_check char *str_ndup(const char *s, size_t n);

/**
 * str_set() - replace an owned string by a copy
 * @slot:	the old string is freed
 * @s:		may be NULL, and may point into the old string
 */
void str_set(char **slot, const char *s);

/**
 * str_eq() - compare; NULL equals only NULL
 * @a:	one
 * @b:	other
 *
 * Return: whether they are the same text.
 */
bool str_eq(const char *a, const char *b);

/**
 * str_starts() - the rest behind a prefix
 * @s:		text
 * @prefix:	what it may begin with
 *
 * Return: the part of @s behind @prefix, or NULL.
 */
const char *str_starts(const char *s, const char *prefix);

/**
 * str_ends() - whether a text ends so
 * @s:		text
 * @suffix:	what it may end with
 *
 * Return: whether it does.
 */
bool str_ends(const char *s, const char *suffix);

/**
 * str_empty() - whether there is no text
 * @s:	may be NULL
 *
 * Return: true for NULL and "".
 */
static inline bool str_empty(const char *s)
{
	return !s || !*s;
}

/**
 * str_or() - a text or its substitute
 * @s:		may be NULL
 * @other:	what stands for NULL
 *
 * Return: @s, or @other when @s is NULL.
 */
static inline const char *str_or(const char *s, const char *other)
{
	return s ? s : other;
}

/**
 * str_trim() - cut white space off both ends, in place
 * @s:	changed
 *
 * Return: the first byte that is no white space, inside @s.
 */
char *str_trim(char *s);

/**
 * str_cut() - split a text at the first separator, in place
 * @s:		the separator is replaced by 0; unchanged when there is none
 * @sep:	the separator
 *
 * Return: the part behind the separator, or NULL when there is none.
 */
char *str_cut(char *s, char sep);

/**
 * str_u64() - read a whole decimal number, strictly
 * @s:		digits only: no sign, no space, nothing behind
 * @max:	largest value allowed
 * @out:	set on success only
 *
 * Return: 0; -EINVAL when it is no number; -ERANGE when it is larger than @max.
 */
must_check int str_u64(const char *s, uint64_t max, uint64_t *out);

/**
 * str_i64() - read a whole decimal number with an optional minus, strictly
 * @s:		an optional '-', then digits
 * @min:	smallest value allowed
 * @max:	largest value allowed
 * @out:	set on success only
 *
 * Return: 0; -EINVAL when it is no number; -ERANGE when it is out of range.
 */
must_check int str_i64(const char *s, int64_t min, int64_t max, int64_t *out);

/**
 * str_hex() - whether a text is lower-case hexadecimal
 * @s:	text
 * @n:	how many digits it must have; 0 for any positive number
 *
 * Return: whether it is.
 */
bool str_hex(const char *s, size_t n);

/**
 * str_size() - read a size as docker's: 10, 10b, 512k, 64m, 1g, 1t, 1.5g, also kb/kib and so on
 * @s:		text; the factors are powers of 1024
 * @out:	bytes, set on success only
 *
 * Return: 0; -EINVAL; -ERANGE.
 */
must_check int str_size(const char *s, uint64_t *out);

/**
 * str_decimal() - a size as docker and podman show it: three digits and a unit of 1000
 * @bytes:	not negative
 * @sep:	between number and unit: "" for docker's "142MB", " " for podman's "142 MB"
 *
 * Return: the text, to be freed; never NULL.
 */
must_check char *str_decimal(int64_t bytes, const char *sep);

/**
 * str_join() - one text of several
 * @list:	the parts
 * @sep:	stands between them
 *
 * Return: the text, to be freed; never NULL.
 */
must_check char *str_join(const struct strv *list, const char *sep);

/**
 * strv_add() - add a copy at the end
 * @list:	grows
 * @s:		copied
 */
void strv_add(struct strv *list, const char *s);

/**
 * strv_take() - add a string at the end, handing it over
 * @list:	grows
 * @s:		belongs to @list now
 */
void strv_take(struct strv *list, char *s);

/**
 * strv_addf() - add a printed string at the end
 * @list:	grows
 * @fmt:	as printf
 */
void strv_addf(struct strv *list, const char *fmt, ...) printf_like(2, 3);

/**
 * strv_extend() - add copies of all items of another list
 * @list:	grows
 * @more:	may be empty
 */
void strv_extend(struct strv *list, const struct strv *more);

/**
 * strv_split() - add the parts of a text
 * @list:	grows; empty parts are kept
 * @s:		text
 * @sep:	separator
 */
void strv_split(struct strv *list, const char *s, char sep);

/**
 * strv_find() - where a text stands in a list
 * @list:	looked through
 * @s:		text
 *
 * Return: its index, or -1.
 */
ssize_t strv_find(const struct strv *list, const char *s);

/**
 * strv_remove() - take one item out
 * @list:	shrinks
 * @at:		index, below count
 */
void strv_remove(struct strv *list, size_t at);

/**
 * strv_env_set() - set a variable in a list of NAME=VALUE, replacing the same name
 * @list:	changed
 * @assignment:	NAME=VALUE; copied
 */
void strv_env_set(struct strv *list, const char *assignment);

/**
 * strv_env_get() - the value of a variable in a list of NAME=VALUE
 * @list:	looked through
 * @name:	the name alone
 *
 * Return: the value, which lives as long as the item, or NULL.
 */
const char *strv_env_get(const struct strv *list, const char *name);

/**
 * strv_clear() - release all items
 * @list:	empty afterwards, usable again
 */
void strv_clear(struct strv *list);

static inline void auto_strv(struct strv *list)
{
	strv_clear(list);
}
