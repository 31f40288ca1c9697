/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ere - POSIX extended regular expressions that others have written
 *
 * The C library compiles and matches them. It copies what is repeated, so that a line of text can ask for more memory
 * than there is: how long an expression becomes is counted before, and has an end. An escaped letter that POSIX does
 * not know, as \d of other dialects, would silently mean the letter, and is refused.
 *
 * Source: POSIX.1-2017, chapter 9.4.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

enum ere_limits {
	ERE_MAX_BYTES = 4096,
	ERE_MAX_STEPS = 2000, /* characters that it stands for, with every repetition written out */
	ERE_MAX_DEPTH = 30,   /* groups inside each other */
};

/**
 * ere_check() - whether an expression can be used
 * @pattern:	the expression
 * @err:	names it, and what is wrong
 *
 * Return: 0; -EBADMSG.
 */
must_check int ere_check(const char *pattern, struct err *err);

/**
 * ere_match() - whether an expression matches somewhere in a text
 * @pattern:	one that ere_check() has accepted; another one matches nothing
 * @text:	the text
 *
 * Return: whether it does.
 */
bool ere_match(const char *pattern, const char *text);
