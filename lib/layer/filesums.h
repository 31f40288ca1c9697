/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filesums - SHA-256 of many files below a directory, inside cubby-layer
 */
#pragma once

#include "base/err.h"

/**
 * filesums_make() - hash files, one after the other
 * @dir:	directory that the names begin at; may be O_PATH
 * @names:	file: names, each with a 0 behind it; read from its beginning
 * @out:	file that gets LAYER_SUM_BYTES for each name, in their order
 * @err:	names the file that failed
 *
 * No link is followed, and nothing but regular files is read. What grows meanwhile is hashed up to the
 * size that it had; what tells no size (files of the kernel) up to LAYER_SIZELESS_MAX.
 *
 * Return: 0; -ELOOP for a link; -ESTALE for what is no regular file; -EBADMSG for names without an end;
 * otherwise what the kernel said.
 */
must_check int filesums_make(int dir, int names, int out, struct err *err);

/**
 * archive_peek() - whether a file is a tar, compressed or not
 * @file:	regular file, looked at from its beginning
 * @err:	what failed
 *
 * By the first block of what it holds, as the name says nothing.
 *
 * Return: 1 or 0; a negative errno when it cannot be read.
 */
must_check int archive_peek(int file, struct err *err);
