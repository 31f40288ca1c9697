/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rootfs - which file system becomes a container's root, and mounting it
 */
#include "rootfs/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kern/mount.h"
#include "rootfs/copy.h"
#include "rootfs/fuse.h"
#include "rootfs/overlay.h"

enum { DIR_MODE = 0755 };

static const struct driver {
	const char *name;
	int (*mount)(const struct rootfs_plan *plan, const struct host *host, int *out_helper,
		     struct err *err);
} drivers[] = {
	{ "overlay", overlay_mount },
	{ "fuse-overlayfs", fuse_mount },
	{ "copy", copy_mount },
	{ "bind", bind_mount },
};

static const struct driver *find_driver(const char *name)
{
	for (size_t i = 0; i < array_len(drivers); i++)
		if (str_eq(drivers[i].name, name))
			return &drivers[i];
	return NULL;
}

int rootfs_apply(const struct rootfs_plan *plan, const struct host *host, int *out_helper,
		 struct err *err)
{
	const struct driver *driver = find_driver(plan->driver);
	AUTO(fd) int helper = -1;

	if (!driver)
		return err_set(err, -EINVAL, "there is no storage driver '%s'",
			       str_or(plan->driver, ""));
	int r = driver->mount(plan, host, &helper, err);
	if (r < 0)
		return r;
	int fd = open(plan->target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, -errno, "cannot open '%s'", plan->target);
	*out_helper = take_fd(helper);
	return fd;
}

/* Tries one driver on two empty layers; the mount is gone when this returns. */
static int try_driver(const char *base, const char *name, const struct host *host, struct err *err)
{
	AUTO(rootfs_plan) struct rootfs_plan plan = { .driver = str_dup(name) };
	AUTO(fd) int helper = -1;

	plan.upper = str_fmt("%s/upper", base);
	plan.work = str_fmt("%s/work", base);
	plan.target = str_fmt("%s/root", base);
	strv_addf(&plan.lower, "%s/lower", base);
	int r = rootfs_apply(&plan, host, &helper, err);
	if (r < 0)
		return r;
	fd_close(r);
	AUTO(mem) char *probe = str_fmt("%s/file", plan.target);
	r = file_write(AT_FDCWD, probe, DIR_MODE, "x", 1);
	if (umount2(plan.target, MNT_DETACH) < 0 && r == 0)
		r = -errno;
	return r < 0 ? err_sys(err, r, "cannot write through the driver '%s'", name) : 0;
}

const char *rootfs_probe(const char *dir, const struct host *host, struct err *err)
{
	static const char *const parts[] = { "lower", "upper", "work", "root" };
	static const char *const order[] = { "overlay", "fuse-overlayfs" };
	AUTO(mem) char *base = str_fmt("%s/probe.%d", dir, (int)getpid());
	const char *found = NULL;

	for (size_t i = 0; i < array_len(parts); i++) {
		AUTO(mem) char *part = str_fmt("%s/%s", base, parts[i]);
		int r = file_tree_make(part, DIR_MODE);
		if (r < 0) {
			(void)err_sys(err, r, "cannot write to '%s'", dir);
			(void)!file_tree_remove(AT_FDCWD, base);
			return NULL;
		}
	}
	for (size_t i = 0; !found && i < array_len(order); i++) {
		AUTO(err) struct err why = { 0 };
		if (try_driver(base, order[i], host, &why) == 0)
			found = order[i];
	}
	(void)!file_tree_remove(AT_FDCWD, base); /* what is left is swept as a temporary name */
	return found ? found : "copy";
}
