/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mounted - what is done with files on mounted layers
 *
 * Layers are mounted in the user namespace alone, so a process of its own asks there and is gone
 * afterwards.
 */
#pragma once

#include "build/work.h"

enum { MOUNTED_ANSWER = 128 }; /* bytes, the final 0 included */

/* Asks: @point is an empty folder to mount on, @answer has MOUNTED_ANSWER bytes. Returns 0 or a negative
 * errno. */
typedef int (*mounted_fn)(struct work *work, const char *point, const void *data, char *answer,
			  struct err *err);

/**
 * mounted_ask() - run something where layers can be mounted
 * @work:	of the stage
 * @fn:		runs in a process of its own: what it changes but for the answer is lost
 * @data:	handed to @fn
 * @out:	the answer, the caller's; set on success only; NULL: none is wanted
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int mounted_ask(struct work *work, mounted_fn fn, const void *data, char **out,
			   struct err *err);
