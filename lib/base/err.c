/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * err - the sentence that travels beside a negative errno
 *
 * Does not print: the program does, once. Strings are owned by the struct.
 */
#include "base/err.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/str.h"

static void replace(struct err *err, int code, char *text)
{
	free(err->text);
	free(err->hint);
	*err = (struct err){ .code = code, .text = text };
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list args;

	bug_unless(code < 0);
	if (!err)
		return code;
	va_start(args, fmt);
	char *text = str_vfmt(fmt, args);
	va_end(args);
	replace(err, code, text);
	return code;
}

/* strerror starts with a capital; "EOF"-like words keep theirs. */
static char *reason(int code)
{
	char *text = str_dup(strerror(-code));

	if (isupper((unsigned char)text[0]) && !isupper((unsigned char)text[1]))
		text[0] = (char)tolower((unsigned char)text[0]);
	return text;
}

int err_sys(struct err *err, int code, const char *fmt, ...)
{
	va_list args;

	bug_unless(code < 0);
	if (!err)
		return code;
	va_start(args, fmt);
	AUTO(mem) char *what = str_vfmt(fmt, args);
	va_end(args);
	AUTO(mem) char *why = reason(code);
	replace(err, code, str_fmt("%s: %s", what, why));
	return code;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return -EIO;
	va_start(args, fmt);
	AUTO(mem) char *what = str_vfmt(fmt, args);
	va_end(args);
	char *text = str_fmt("%s: %s", what, err->text ? err->text : "unknown error");
	free(err->text);
	err->text = text;
	return err->code < 0 ? err->code : -EIO;
}

int err_hint(struct err *err, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return -EIO;
	va_start(args, fmt);
	free(err->hint);
	err->hint = str_vfmt(fmt, args);
	va_end(args);
	return err->code < 0 ? err->code : -EIO;
}

int err_move(struct err *to, struct err *from)
{
	int code = from->code;

	if (to) {
		err_clear(to);
		*to = *from;
		*from = (struct err){ 0 };
	} else {
		err_clear(from);
	}
	return code;
}

void err_clear(struct err *err)
{
	int saved = errno;

	if (!err)
		return;
	free(err->text);
	free(err->hint);
	*err = (struct err){ 0 };
	errno = saved;
}
