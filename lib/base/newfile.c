/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * newfile - a file of the user's that appears whole or not at all
 */
#include "base/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

enum { PERMISSIONS = 0777 };

static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash - path) + 1 : 0;
	unsigned int number = 0;

	(void)!getrandom(&number, sizeof number, 0); /* O_EXCL sees to the rest */
	return str_fmt("%.*s.%.100s.%08x", folder, path, path + folder, number);
}

/* A file without a name, or with a temporary one where there are none. */
static int open_unseen(const char *path, mode_t mode, struct newfile *out)
{
	const char *slash = strrchr(path, '/');
	AUTO(mem)
	char *folder = slash ? str_ndup(path, max_of((size_t)(slash - path), 1UL)) : str_dup(".");

	out->fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
	if (out->fd >= 0)
		return 0;
	out->temp = temporary_name(path);
	out->fd = open(out->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (out->fd >= 0)
		return 0;
	int r = -errno;
	free(take_ptr(out->temp));
	return r;
}

static int open_in_place(const char *path, mode_t mode, struct newfile *out)
{
	out->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	return out->fd < 0 ? -errno : 0;
}

int newfile_open(const char *path, mode_t mode, struct newfile *out)
{
	AUTO(newfile) struct newfile file = { .fd = -1 };
	char *real = realpath(path, NULL);
	struct stat st;
	int r;

	/* A link that leads nowhere yet is written through. */
	bool link = !real && lstat(path, &st) == 0;
	bool old = real && stat(real, &st) == 0;
	file.path = real ? real : str_dup(path);
	if (old && S_ISDIR(st.st_mode))
		return -EISDIR;
	if (link || (old && (!S_ISREG(st.st_mode) || access(real, W_OK) < 0))) {
		free(take_ptr(file.path));
		r = open_in_place(path, mode, &file);
	} else {
		r = open_unseen(file.path, mode, &file);
		if (r == 0 && old && fchmod(file.fd, st.st_mode & PERMISSIONS) < 0)
			r = -errno;
	}
	if ((r == -EACCES || r == -EPERM) && real) {
		/* The folder is not ours, the file is. */
		free(take_ptr(file.path));
		r = open_in_place(path, mode, &file);
	}
	if (r < 0)
		return r;
	*out = file;
	file = (struct newfile){ .fd = -1 };
	return 0;
}

/* linkat(2) replaces nothing, so a file without a name gets a temporary one first. */
static int give_temporary(struct newfile *file)
{
	AUTO(mem) char *self = str_fmt("/proc/self/fd/%d", file->fd);
	AUTO(mem) char *temp = temporary_name(file->path);

	if (linkat(AT_FDCWD, self, AT_FDCWD, temp, AT_SYMLINK_FOLLOW) < 0)
		return -errno;
	file->temp = take_ptr(temp);
	return 0;
}

int newfile_done(struct newfile *file)
{
	int r = file->path && !file->temp ? give_temporary(file) : 0;

	if (r < 0)
		return r;
	/* Network file systems tell only now what became of the writes. */
	if (close(take_fd(file->fd)) < 0)
		return -errno;
	if (file->path && rename(file->temp, file->path) < 0)
		return -errno;
	free(take_ptr(file->temp));
	return 0;
}

void newfile_close(struct newfile *file)
{
	fd_close(file->fd);
	if (file->temp)
		(void)unlink(file->temp);
	free(file->temp);
	free(file->path);
	*file = (struct newfile){ .fd = -1 };
}
