/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * each - commands that try every argument, whatever fails
 */
#pragma once

#include "base/str.h"
#include "cli/app.h"

/* Does the command's work on one word. Return: not negative, or a negative errno with @err set. */
typedef int each_fn(struct app *app, const char *word, const void *data, struct err *err);

/**
 * each_word() - try every word, and tell each error when it comes
 * @app:	where errors are told
 * @rules:	exit statuses of failures, or NULL for the usual ones
 * @words:	as typed
 * @fn:		called for each, in order
 * @data:	handed to @fn
 *
 * Return: 0, or the highest exit status of those that failed.
 */
must_check int each_word(struct app *app, const struct exit_rule *rules, const struct strv *words,
			 each_fn *fn, const void *data);
