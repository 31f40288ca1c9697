/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * source - the bytes of a blob, which may still be growing
 *
 * A growing blob is a regular file and a pipe: each byte in the pipe says that the file is longer
 * now, the end of the pipe that it is whole. Waiting for it ends also when the stop descriptor
 * becomes readable.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macros.h"

struct source {
	int fd;		/* stays the caller's */
	int more;	/* pipe, or -1: the blob is whole; stays the caller's */
	int stop;	/* or -1 */
	int tee;	/* file that what is read is written to, or -1 */
	int64_t offset; /* bytes given so far */
	bool whole;	/* the pipe has ended */
	bool at_place;	/* read from where the descriptor stands: pipes, and files without .more */
};

/**
 * source_read() - the next bytes
 * @source:	fields set by the caller, .offset and .whole zero at first
 * @data:	room
 * @size:	bytes of it
 *
 * Return: how many came, 0 at the end; -ECANCELED when it was stopped; otherwise what the kernel said.
 */
must_check ssize_t source_read(struct source *source, void *data, size_t size);
