/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rootdate - the time of a layer's root
 */
#include "layer/rootdate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"

static bool is_younger(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

static int add(int dir, const char *name, struct timespec *youngest)
{
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (is_younger(st.st_mtim, *youngest))
		*youngest = st.st_mtim;
	return 0;
}

int rootdate_set(int top)
{
	struct timespec times[2] = { 0 };
	int copy = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	int r = dir ? 0 : -errno;

	if (!dir)
		fd_close(copy);
	for (struct dirent *e = dir ? readdir(dir) : NULL; e && r == 0; e = readdir(dir))
		r = add(top, e->d_name, &times[1]);
	if (dir)
		closedir(dir);
	times[0] = times[1];
	return r < 0 ? r : futimens(top, times) < 0 ? -errno : 0;
}
