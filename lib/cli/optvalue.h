/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * optvalue - what a typed value does to the field of an option
 */
#pragma once

#include "base/err.h"
#include "cli/opt.h"

/**
 * optvalue_wanted() - whether an option takes its value from the next word
 * @opt:	a line that is no alias
 *
 * Return: false for flags and for values that can only follow "=".
 */
bool optvalue_wanted(const struct opt *opt);

/**
 * optvalue_take() - store a value
 * @opt:	a line that is no alias
 * @args:	the struct that the line's own table fills
 * @value:	as typed; NULL when nothing was: only where optvalue_wanted() is false
 * @flag:	as typed, with its dashes, for errors
 * @err:	names the flag and what is wrong with the value
 *
 * Return: 0 or -EINVAL.
 */
must_check int optvalue_take(const struct opt *opt, void *args, const char *value, const char *flag,
			     struct err *err);
