/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * newfile - a file of the user's that appears whole or not at all
 *
 * What is written has no name, or one that begins with '.', until it is done; then it takes the place of
 * what was there. A killed writer leaves the old file, and nothing else where the file system knows files
 * without a name. What is no regular file (a pipe, /dev/full) is written as it is.
 */
#pragma once

#include <sys/types.h>

#include "base/macros.h"

struct newfile {
	int fd;
	char *path; /* NULL when it is written in place */
	char *temp; /* name that it has until then, or NULL */
};

/**
 * newfile_open() - begin
 * @path:	links are followed
 * @mode:	changed by the umask; a file that is there keeps the permissions that it has
 * @out:	to be closed with newfile_close; set on success only
 *
 * Return: 0; -EISDIR; otherwise what open(2) said.
 */
must_check int newfile_open(const char *path, mode_t mode, struct newfile *out);

/**
 * newfile_done() - it is whole: give it its name
 * @file:	open; still to be closed
 *
 * Not synced: a power cut may cost what was just written, never what was there before on file systems that
 * keep to the order.
 *
 * Return: 0 or what the kernel said, also of earlier writing.
 */
must_check int newfile_done(struct newfile *file);

/**
 * newfile_close() - let go; what is not whole is gone
 * @file:	empty afterwards
 */
void newfile_close(struct newfile *file);

static inline void auto_newfile(struct newfile *file)
{
	newfile_close(file);
}
