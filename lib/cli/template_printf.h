/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_printf - Go's printf over template values
 *
 * The verbs %v %s %q %d %b %o %x %X %c %U %t %e %f %g and %%, with the flags "-+ #0", a width and a
 * precision, either of which may be "*". What does not fit is written into the text as Go does:
 * %!d(string=hi), %!d(MISSING), %!(EXTRA string=x).
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "base/json.h"

enum { PRINTF_MAX_WIDTH = 10000 };

/**
 * printf_print() - write values as a format says
 * @format:	Go's
 * @args:	values; each may be NULL
 * @count:	how many
 * @to:		where to
 */
void printf_print(const char *format, const cJSON *const *args, size_t count, FILE *to);

/**
 * printf_quote() - write a text in double quotes as Go's %q does
 * @text:	UTF-8
 * @to:		where to
 */
void printf_quote(const char *text, FILE *to);
