/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * squash - writing a squashfs file, contents first and names last
 *
 * A squashfs has the contents of all files in front, in any order, and behind them inodes and folders, which
 * point to them. So contents can be written as they come out of a stream, before it is known which names
 * files will have; only names and attributes wait in memory. Compressing runs in threads of libsquashfs.
 *
 * Behind the file system, on a boundary of 4096 bytes, lies a trailer: a text, its length as eight bytes
 * (least significant first), and "cubbyimg". Readers of squashfs do not look there.
 *
 * Linked by cubby-single only. Source: the kernel's squashfs.rst; libsquashfs 1.2.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "layer/plant.h"
#include "layer/tar.h"

struct squash;

/**
 * squash_new() - begin to write
 * @fd:		empty regular file, open for reading and writing; stays the caller's
 * @out:	to be released with squash_free; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int squash_new(int fd, struct squash **out, struct err *err);

/**
 * squash_free() - release; what was written stays
 * @squash:	may be NULL
 */
void squash_free(struct squash *squash);

DEFINE_AUTO_PTR(squash, struct squash, squash_free)

/**
 * squash_begin() - begin the content of a file
 * @squash:	without a file open
 * @file:	its .content is set, now or later, until squash_finish()
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int squash_begin(struct squash *squash, struct plant_file *file, struct err *err);

/**
 * squash_data() - the next part of the content
 * @squash:	with a file open
 * @offset:	what lies between the parts is a hole; parts come in order
 * @data:	the bytes
 * @size:	how many
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int squash_data(struct squash *squash, int64_t offset, const void *data, size_t size,
			   struct err *err);

/**
 * squash_end() - end the content of a file
 * @squash:	with a file open
 * @size:	of the file, holes included
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int squash_end(struct squash *squash, int64_t size, struct err *err);

/**
 * squash_xattrs() - keep extended attributes
 * @squash:	begun
 * @xattrs:	those that a squashfs can hold
 * @count:	how many
 * @out:	for .xattrs of the file; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int squash_xattrs(struct squash *squash, const struct tar_xattr *xattrs, size_t count,
			     uint32_t *out, struct err *err);

/**
 * squash_finish() - write names, attributes and the trailer
 * @squash:	nothing but squash_free may follow
 * @plant:	sorted; every file in it had its content
 * @trailer:	text
 * @out_size:	bytes of the whole; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int squash_finish(struct squash *squash, struct plant *plant, const char *trailer,
			     int64_t *out_size, struct err *err);
