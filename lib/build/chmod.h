/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chmod - what --chmod says: "755", "u=rwX,go=rX", "+x", "a-w"
 *
 * Symbolic changes are those of chmod(1) with a umask of 0. X is x for folders and for what is executable by
 * somebody already. Pure.
 *
 * Source: POSIX chmod, "symbolic_mode"; Dockerfile reference, "COPY --chmod".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/**
 * chmod_check() - whether a text says something
 * @text:	as typed
 * @err:	names it
 *
 * Return: 0 or -EINVAL.
 */
must_check int chmod_check(const char *text, struct err *err);

/**
 * chmod_apply() - the mode of a file afterwards
 * @text:	checked; NULL changes nothing
 * @mode:	07777 at most
 * @folder:	whether it is one
 *
 * Return: the mode.
 */
uint32_t chmod_apply(const char *text, uint32_t mode, bool folder);
