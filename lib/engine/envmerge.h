/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * envmerge - variables made of other variables: --env-merge
 *
 * In a value $NAME and ${NAME} stand for what the image has under that name, ${NAME:-TEXT} for TEXT where it
 * has nothing, ${NAME:+TEXT} for TEXT where it has something. What is not there is empty. A backslash takes
 * the meaning from what follows.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

/**
 * envmerge_set() - set one variable from others
 * @env:	list of NAME=VALUE; looked through and changed
 * @text:	NAME=VALUE
 * @err:	says what is wrong with @text
 *
 * Return: 0; -EINVAL.
 */
must_check int envmerge_set(struct strv *env, const char *text, struct err *err);
