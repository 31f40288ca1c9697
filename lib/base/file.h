/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * file - whole files below a directory descriptor
 *
 * For files of our own (records, indexes) and of the host's /etc and /proc. Paths inside a container's
 * root or given by strangers go through kern/at instead.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/macros.h"

/**
 * file_read() - read a whole file
 * @dirfd:	directory, or AT_FDCWD
 * @path:	below it
 * @max:	bytes that are too many
 * @out:	the bytes with a 0 behind them, to be freed; set on success only
 * @out_size:	how many; may be NULL
 *
 * Return: 0; -EFBIG; -EISDIR; otherwise what open(2) and read(2) said.
 */
must_check int file_read(int dirfd, const char *path, size_t max, char **out, size_t *out_size);

/**
 * file_write() - write a whole file in place, making it when it is not there
 * @dirfd:	directory, or AT_FDCWD
 * @path:	below it
 * @mode:	of a new file
 * @data:	what
 * @size:	bytes
 *
 * For files that nobody reads yet, and for /proc and /sys.
 *
 * Return: 0 or a negative errno.
 */
must_check int file_write(int dirfd, const char *path, mode_t mode, const void *data, size_t size);

/**
 * file_replace() - replace a file whole: temporary name, then rename
 * @dirfd:	directory, or AT_FDCWD
 * @path:	below it
 * @mode:	of the new file
 * @data:	what
 * @size:	bytes
 * @durable:	whether the bytes and the name are on disk when this returns
 *
 * Readers see the old file or the new one. On failure the old one is untouched and no temporary
 * file is left.
 *
 * Return: 0 or a negative errno.
 */
must_check int file_replace(int dirfd, const char *path, mode_t mode, const void *data, size_t size,
			    bool durable);

/**
 * file_replace_sweep() - remove what killed writers left that were replacing files of a folder
 * @dirfd:	the folder; nobody replaces files of that mode in it now
 * @mode:	of the files
 *
 * What cannot be removed stays for the next one.
 */
void file_replace_sweep(int dirfd, mode_t mode);

/**
 * file_tree_make() - make a directory and those above it
 * @path:	absolute or relative
 * @mode:	of what is made; changed by no umask
 *
 * Return: 0 (also when it is there) or a negative errno.
 */
must_check int file_tree_make(const char *path, mode_t mode);

/**
 * file_tree_remove() - remove a file or a directory with all below it, following no link
 * @dirfd:	directory, or AT_FDCWD
 * @path:	below it; what is not there is removed already
 *
 * Directories without permission for their owner are opened up first. Goes on after a failure.
 *
 * Return: 0 or the first negative errno.
 */
must_check int file_tree_remove(int dirfd, const char *path);
