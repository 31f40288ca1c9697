/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attr - which extended attributes may come from a tar, and overlay's own marks
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "base/macros.h"

/**
 * attr_allowed() - whether an attribute of a tar is written to disk
 * @name:	of the attribute
 *
 * user.* but those that overlay file systems read, file capabilities, and POSIX ACLs. Others are
 * either without meaning in an image (labels) or refused to a user by the kernel (trusted.*).
 *
 * Return: whether it is.
 */
bool attr_allowed(const char *name);

/**
 * attr_set_opaque() - mark a directory as hiding those of lower layers
 * @fd:	the directory, open for reading
 *
 * Return: 0 or a negative errno.
 * Source: the kernel's overlayfs.rst, "userxattr"; fuse-overlayfs(1).
 */
must_check int attr_set_opaque(int fd);

/**
 * attr_is_opaque() - whether a directory hides those of lower layers
 * @fd:	the directory, open for reading
 *
 * Return: whether a mark of overlayfs or fuse-overlayfs is there.
 */
bool attr_is_opaque(int fd);

/**
 * attr_clear_opaque() - take the mark away
 * @fd:	the directory, open for reading; one without the mark stays as it is
 */
void attr_clear_opaque(int fd);

/**
 * attr_is_whiteout() - whether a file is overlay's whiteout
 * @st:		of the file
 *
 * Return: whether it is the character device 0/0.
 */
bool attr_is_whiteout(const struct stat *st);
