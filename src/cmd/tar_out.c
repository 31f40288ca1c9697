/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar_out - where a command's archive goes: a file, or the standard output but no terminal
 */
#include "cmd/tar_out.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

enum { ARCHIVE_MODE = 0644 };

int tar_out_open(const char *path, struct tar_out *out, struct err *err)
{
	int fd;

	if (path && !str_eq(path, "-")) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, ARCHIVE_MODE);
		if (fd < 0)
			return err_sys(err, -errno, "cannot open '%s'", path);
		*out = (struct tar_out){ .fd = fd, .path = path };
		return 0;
	}
	if (isatty(STDOUT_FILENO)) {
		(void)err_set(err, -EINVAL, "an archive is not written to a terminal");
		return err_hint(err, "name a file with -o, or redirect the output");
	}
	fd = fd_dup(STDOUT_FILENO);
	if (fd < 0)
		return err_sys(err, fd, "cannot use the standard output");
	*out = (struct tar_out){ .fd = fd };
	return 0;
}

int tar_out_done(struct tar_out *out, struct err *err)
{
	int r = close(take_fd(out->fd)) < 0 ? -errno : 0;

	if (r < 0)
		return err_sys(err, r, "cannot write '%s'", str_or(out->path, "the archive"));
	out->path = NULL;
	return 0;
}

void tar_out_close(struct tar_out *out)
{
	struct stat st;

	/* What is no file was not made by us. */
	if (out->path && stat(out->path, &st) == 0 && S_ISREG(st.st_mode))
		(void)unlink(out->path);
	fd_close(out->fd);
	*out = (struct tar_out){ .fd = -1 };
}
