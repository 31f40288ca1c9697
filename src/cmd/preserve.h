/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * preserve - the descriptors of the caller that a container's process keeps: --preserve-fds, --preserve-fd
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum preserve_limits { PRESERVE_FIRST = 3, PRESERVE_MAX = 32 };

/**
 * preserve_choose() - which descriptors become 3, 4, … in the container
 * @count:	--preserve-fds: so many from 3 on
 * @lists:	--preserve-fd: numbers separated by commas; each keeps its number
 * @fds:	room; -1 stands for a number that stays closed
 * @out_count:	how many
 * @err:	names the descriptor that is not open, or the number that is none
 *
 * Return: 0; -EINVAL; -EBADF.
 */
must_check int preserve_choose(int count, const struct strv *lists, int fds[PRESERVE_MAX],
			       size_t *out_count, struct err *err);
