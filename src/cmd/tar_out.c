/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar_out - where a command's archive goes: a file, or the standard output but no terminal
 */
#include "cmd/tar_out.h"

#include <errno.h>
#include <unistd.h>

#include "base/str.h"

enum { ARCHIVE_MODE = 0644 };

int tar_out_open(const char *path, struct tar_out *out, struct err *err)
{
	struct tar_out opened = { .path = path, .fd = STDOUT_FILENO, .file = { .fd = -1 } };

	if (path && !str_eq(path, "-")) {
		int r = newfile_open(path, ARCHIVE_MODE, &opened.file);
		if (r < 0)
			return err_sys(err, r, "cannot open '%s'", path);
		opened.fd = opened.file.fd;
	} else if (isatty(STDOUT_FILENO)) {
		(void)err_set(err, -EINVAL, "an archive is not written to a terminal");
		return err_hint(err, "name a file with -o, or redirect the output");
	}
	*out = opened;
	return 0;
}

int tar_out_done(struct tar_out *out, struct err *err)
{
	int r = out->file.fd < 0 ? 0 : newfile_done(&out->file);

	return r < 0 ? err_sys(err, r, "cannot write '%s'", out->path) : 0;
}

void tar_out_close(struct tar_out *out)
{
	newfile_close(&out->file);
	*out = (struct tar_out){ .fd = -1, .file = { .fd = -1 } };
}
