/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * err - the sentence that travels beside a negative errno
 *
 * A function returns zero or positive for success and a negative errno otherwise; callers branch on
 * the number alone. struct err carries what the user is told: what failed, on what, why, and a hint
 * saying what to do. It is set on every failure of a function that takes one, never on success.
 */
#pragma once

#include "base/macros.h"

struct err {
	int code;   /* negative errno, or 0 when nothing is set */
	char *text; /* lower case, no full stop, things in single quotes */
	char *hint; /* what the user can do, or NULL */
};

/**
 * err_set() - say what failed
 * @err:	where to say it; NULL drops the sentence
 * @code:	negative errno, returned as it is
 * @fmt:	the sentence; for a @code other than -EBADMSG, -EINVAL and the like whose text says
 *		all, end the sentence so that "%m"-like reasons are given by err_sys()
 *
 * Replaces what was set before.
 *
 * Return: @code.
 */
int err_set(struct err *err, int code, const char *fmt, ...) printf_like(3, 4);

/**
 * err_sys() - say what failed, with the kernel's reason appended
 * @err:	where to say it; NULL drops the sentence
 * @code:	negative errno, returned as it is
 * @fmt:	the sentence; ": <strerror in lower case>" is added
 *
 * Return: @code.
 */
int err_sys(struct err *err, int code, const char *fmt, ...) printf_like(3, 4);

/**
 * err_wrap() - put what was being done before what failed
 * @err:	an error that is set
 * @fmt:	what was being done; ": " and the former sentence follow
 *
 * Return: the code of @err, or -EIO when @err is NULL.
 */
int err_wrap(struct err *err, const char *fmt, ...) printf_like(2, 3);

/**
 * err_hint() - add what the user can do
 * @err:	an error that is set; NULL drops the hint
 * @fmt:	which command, file or setting helps
 *
 * Return: the code of @err, or -EIO when @err is NULL.
 */
int err_hint(struct err *err, const char *fmt, ...) printf_like(2, 3);

/**
 * err_move() - hand an error over to another place
 * @to:		what was there is released; NULL releases @from
 * @from:	empty afterwards
 *
 * Return: the code handed over.
 */
int err_move(struct err *to, struct err *from);

/**
 * err_clear() - forget an error
 * @err:	empty afterwards; or NULL
 */
void err_clear(struct err *err);

static inline void auto_err(struct err *err)
{
	err_clear(err);
}
