/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountglob - a pattern of --mount type=glob becomes one bind mount for each file that it finds
 */
#pragma once

#include "base/err.h"
#include "store/container.h"

/**
 * mountglob_expand() - replace a glob by what it finds now
 * @list:	its last mount is of type "glob"; that one is taken out, binds are added
 * @err:	names the pattern
 *
 * Each is mounted in the folder that the glob has as its target, under its own name, or where it is on
 * the host. Source: glob(7).
 *
 * Return: 0; -ENOENT when nothing is found; -EINVAL for a pattern that finds what has no name.
 */
must_check int mountglob_expand(struct mount_list *list, struct err *err);
