/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rootfs - which file system becomes a container's root, and mounting it
 */
#include "rootfs/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "kern/mount.h"
#include "rootfs/copy.h"
#include "rootfs/fuse.h"
#include "rootfs/overlay.h"
#include "rootfs/single.h"

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

/* Roots of the single files among the lower layers, open while the root is mounted over them. */
struct singles {
	int *items;
	size_t count;
};

static void auto_singles(struct singles *s)
{
	for (size_t i = 0; i < s->count; i++)
		fd_close(s->items[i]);
	free(s->items);
}

/* High enough to be out of the way of those that a program is given by number. */
enum { SINGLE_FD = 16 };

static int open_single(const char *file, const struct rootfs_plan *plan, const struct host *host,
		       struct singles *out, int *out_helper, struct err *err)
{
	AUTO(fd) int helper = -1;
	AUTO(fd) int root = single_mount(file, plan->target, host, &helper, err);

	if (root < 0)
		return root;
	int high = fcntl(root, F_DUPFD_CLOEXEC, SINGLE_FD);
	if (high < 0)
		return err_sys(err, -errno, "cannot use '%s'", file);
	*vec_push(out) = high;
	fd_close(*out_helper);
	*out_helper = take_fd(helper);
	return high;
}

static int give_root(const struct rootfs_plan *plan, int root, struct err *err)
{
	struct stat st;

	if (fstat(root, &st) < 0 || chown(plan->upper, st.st_uid, st.st_gid) < 0 ||
	    chmod(plan->upper, st.st_mode & 07777) < 0)
		return err_sys(err, -errno, "cannot give '%s' the attributes of the image's root",
			       plan->upper);
	return 0;
}

/* The plan with the single files mounted, and named by descriptor. */
static int open_singles(struct rootfs_plan *plan, const struct host *host, struct strv *lower,
			struct singles *out, int *out_helper, struct err *err)
{
	for (size_t i = 0; i < plan->lower.count; i++) {
		const char *path = plan->lower.items[i];
		if (!single_is(path)) {
			strv_add(lower, path);
			continue;
		}
		int root = open_single(path, plan, host, out, out_helper, err);
		if (root < 0)
			return root;
		strv_addf(lower, "/proc/self/fd/%d", root);
		if (plan->copy_root && i == 0 && plan->upper) {
			int r = give_root(plan, root, err);
			if (r < 0)
				return r;
		}
	}
	plan->lower = *lower;
	return 0;
}

static int mount_plan(const struct driver *driver, const struct rootfs_plan *plan, bool single,
		      const struct host *host, int *out_helper, struct err *err)
{
	AUTO(err) struct err why = { 0 };
	AUTO(fd) int helper = -1;
	bool squashed = single && driver->mount == overlay_mount && single_one_id();
	int r = squashed ? fuse_mount(plan, host, &helper, &why)
			 : driver->mount(plan, host, &helper, &why);

	/* Some kernels take no file system of FUSE as a lower layer. */
	if (r < 0 && single && !squashed && driver->mount == overlay_mount) {
		log_debug("%s: fuse-overlayfs is tried", why.text);
		err_clear(&why);
		r = fuse_mount(plan, host, &helper, &why);
	}
	if (r < 0)
		return err_move(err, &why);
	if (helper >= 0) {
		fd_close(*out_helper);
		*out_helper = take_fd(helper);
	}
	return 0;
}

/* From now on the lower folders are one. */
static int show_owners(struct rootfs_plan *plan, const struct host *host, struct strv *lower,
		       int *out_helper, struct err *err)
{
	struct rootfs_plan view = { .lower = plan->lower,
				    .target = plan->view,
				    .program = plan->program,
				    .uid_mapping = plan->uid_mapping,
				    .gid_mapping = plan->gid_mapping };
	AUTO(fd) int helper = -1;

	int r = fuse_mount(&view, host, &helper, err);
	if (r < 0)
		return r;
	fd_close(*out_helper);
	*out_helper = take_fd(helper);
	AUTO(fd) int root = open(plan->view, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_sys(err, -errno, "cannot open '%s'", plan->view);
	strv_clear(lower);
	strv_add(lower, plan->view);
	plan->lower = *lower;
	plan->uid_mapping = plan->gid_mapping = NULL;
	return plan->copy_root && plan->upper ? give_root(plan, root, err) : 0;
}

int rootfs_apply(const struct rootfs_plan *plan, const struct host *host, int *out_helper,
		 struct err *err)
{
	const struct driver *driver = find_driver(plan->driver);
	AUTO(singles) struct singles singles = { 0 };
	AUTO(strv) struct strv lower = { 0 };
	struct rootfs_plan now = *plan;
	AUTO(fd) int helper = -1;

	if (!driver)
		return err_set(err, -EINVAL, "there is no storage driver '%s'",
			       str_or(plan->driver, ""));
	int r = open_singles(&now, host, &lower, &singles, &helper, err);
	if (r == 0 && now.view)
		r = show_owners(&now, host, &lower, &helper, err);
	/* A single file alone, to be bound, is where it shall be already. */
	if (r == 0 && !(singles.count && driver->mount == bind_mount))
		r = mount_plan(driver, &now, singles.count > 0 || now.view, host, &helper, err);
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
