/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar_out - where a command's archive goes: a file, or the standard output but no terminal
 */
#pragma once

#include "base/err.h"
#include "base/newfile.h"

struct tar_out {
	int fd;		     /* to write to; borrowed */
	const char *path;    /* as typed; NULL for the standard output */
	struct newfile file; /* .fd is -1 for the standard output */
};

/**
 * tar_out_open() - begin
 * @path:	--output, or NULL
 * @out:	to be closed with tar_out_close; set on success only
 * @err:	what cannot be opened, or that it is a terminal
 *
 * Return: 0; -EINVAL for a terminal; otherwise what open(2) said.
 */
must_check int tar_out_open(const char *path, struct tar_out *out, struct err *err);

/**
 * tar_out_done() - the archive is whole
 * @out:	open
 * @err:	what the disk said
 *
 * Return: 0 or a negative errno.
 */
must_check int tar_out_done(struct tar_out *out, struct err *err);

/**
 * tar_out_close() - let go; what is not whole is gone, for half an archive looks like a whole one
 * @out:	empty afterwards
 */
void tar_out_close(struct tar_out *out);

static inline void auto_tar_out(struct tar_out *out)
{
	tar_out_close(out);
}
