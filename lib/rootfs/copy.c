/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copy - layers copied into the upper folder, once: where nothing can be mounted over another
 */
#include "rootfs/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kern/tree.h"

enum { MARK_MODE = 0600, DIR_MODE = 0755 };

static int copy_layer(const char *layer, int to, struct err *err)
{
	AUTO(fd) int from = open(layer, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = from < 0 ? -errno : tree_copy(from, to, TREE_LAYER);

	return r < 0 ? err_sys(err, r, "cannot copy the layer '%s'", layer) : 0;
}

/* As the other drivers show it: the upper folder has what the topmost layer's root has. */
static int look_at_root(const struct rootfs_plan *plan, struct stat *out)
{
	return stat(plan->lower.count ? plan->lower.items[0] : plan->upper, out) < 0 ? -errno : 0;
}

static int set_root(int root, const struct stat *st)
{
	const struct timespec times[] = { st->st_atim, st->st_mtim };

	return fchown(root, st->st_uid, st->st_gid) < 0 || fchmod(root, st->st_mode & 07777) < 0 ||
			       futimens(root, times) < 0
		       ? -errno
		       : 0;
}

/* A copy that was interrupted is made again from nothing. */
static int copy_all(const struct rootfs_plan *plan, struct err *err)
{
	struct stat st;
	int r = look_at_root(plan, &st);

	if (r == 0)
		r = file_tree_remove(AT_FDCWD, plan->upper);
	if (r == 0)
		r = file_tree_make(plan->upper, DIR_MODE);
	AUTO(fd) int to = r < 0 ? r : open(plan->upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		return err_sys(err, r < 0 ? r : -errno, "cannot make '%s'", plan->upper);
	for (size_t i = plan->lower.count; i > 0; i--) {
		r = copy_layer(plan->lower.items[i - 1], to, err);
		if (r < 0)
			return r;
	}
	r = set_root(to, &st);
	return r < 0 ? err_sys(err, r, "cannot set the owner, mode and time of '%s'", plan->upper)
		     : 0;
}

int copy_mount(const struct rootfs_plan *plan, const struct host *host, int *out_helper,
	       struct err *err)
{
	(void)host;
	(void)out_helper;
	if (!plan->upper)
		return err_set(err, -EINVAL, "the driver 'copy' needs a folder to copy to");
	AUTO(mem) char *mark = str_fmt("%s.copied", plan->upper);
	if (access(mark, F_OK) < 0) {
		int r = copy_all(plan, err);
		if (r < 0)
			return r;
		r = file_write(AT_FDCWD, mark, MARK_MODE, "", 0);
		if (r < 0)
			return err_sys(err, r, "cannot write '%s'", mark);
	}
	if (mount(plan->upper, plan->target, NULL, MS_BIND, NULL) < 0)
		return err_sys(err, -errno, "cannot bind '%s'", plan->upper);
	return 0;
}
