/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * file - whole files below a directory descriptor
 *
 * Temporary names are ".tmp-" and 16 random digits in the directory of the file itself, so that
 * rename(2) never crosses a file system; a directory listing skips names with a leading dot.
 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

int file_read(int dirfd, const char *path, size_t max, char **out, size_t *out_size)
{
	AUTO(fd) int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return fd_read_all(fd, max, out, out_size);
}

int file_write(int dirfd, const char *path, mode_t mode, const void *data, size_t size)
{
	AUTO(fd) int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0)
		return -errno;
	return fd_write_all(fd, data, size);
}

#define TEMPORARY ".tmp-"
enum { RANDOM_DIGITS = 16 };

static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	int dir = slash ? (int)(slash - path) + 1 : 0;
	uint64_t random = 0;

	(void)!getrandom(&random, sizeof random, 0); /* a clash is caught by O_EXCL */
	return str_fmt("%.*s" TEMPORARY "%016llx", dir, path, (unsigned long long)random);
}

static bool is_temporary(int dirfd, const char *name, mode_t mode)
{
	const char *random = str_starts(name, TEMPORARY);
	struct stat st;

	return random && str_hex(random, RANDOM_DIGITS) &&
	       fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       st.st_uid == geteuid() && (st.st_mode & ALLPERMS) == mode;
}

void file_replace_sweep(int dirfd, mode_t mode)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		fd_close(fd);
		return;
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (is_temporary(dirfd, e->d_name, mode))
			(void)unlinkat(dirfd, e->d_name, 0);
	closedir(dir);
}

static int sync_parent(int dirfd, const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO(mem) char *dir = slash ? str_ndup(path, (size_t)(slash - path) + 1) : str_dup(".");
	AUTO(fd) int fd = openat(dirfd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

static int write_new(int dirfd, const char *name, mode_t mode, const void *data, size_t size,
		     bool durable)
{
	AUTO(fd) int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0)
		return -errno;
	/* What others may read they may read whatever the umask is. */
	if (mode & (S_IRWXG | S_IRWXO) && fchmod(fd, mode) < 0)
		return -errno;
	int r = fd_write_all(fd, data, size);
	if (r == 0 && durable && fsync(fd) < 0)
		r = -errno;
	return r;
}

int file_replace(int dirfd, const char *path, mode_t mode, const void *data, size_t size,
		 bool durable)
{
	AUTO(mem) char *name = temporary_name(path);
	int r = write_new(dirfd, name, mode, data, size, durable);

	if (r == 0 && renameat(dirfd, name, dirfd, path) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlinkat(dirfd, name, 0); /* the first failure is the one to tell */
		return r;
	}
	return durable ? sync_parent(dirfd, path) : 0;
}

static int make_one(const char *path, mode_t mode)
{
	if (mkdir(path, mode) < 0)
		return errno == EEXIST ? 0 : -errno;
	return chmod(path, mode) < 0 ? -errno : 0;
}

int file_tree_make(const char *path, mode_t mode)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
	AUTO(mem) char *copy = str_dup(path);
	for (char *at = copy + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = 0;
		int r = make_one(copy, mode);
		*at = '/';
		if (r < 0 && r != -EROFS && r != -EACCES)
			return r;
	}
	return make_one(copy, mode);
}

static int remove_below(int dirfd);

static int remove_dir(int parent, const char *name)
{
	AUTO(fd) int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == EACCES && fchmodat(parent, name, 0700, 0) == 0)
		fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int r = remove_below(fd);
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return r < 0 ? r : -errno;
}

int file_tree_remove(int dirfd, const char *path)
{
	if (unlinkat(dirfd, path, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	return remove_dir(dirfd, path);
}

/* One child: what it cannot unlink because its directory is closed is tried again opened up. */
static int remove_child(int dirfd, const char *name)
{
	int r = file_tree_remove(dirfd, name);

	if (r == -EACCES && fchmod(dirfd, 0700) == 0)
		r = file_tree_remove(dirfd, name);
	return r;
}

static int remove_below(int dirfd)
{
	int first = 0;
	int copy = fd_dup(dirfd);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);

	if (!dir) {
		fd_close(copy);
		return copy < 0 ? copy : -errno;
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		int r = remove_child(dirfd, e->d_name);
		if (r < 0 && first == 0)
			first = r;
	}
	closedir(dir);
	return first;
}
