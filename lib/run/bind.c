/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bind - folders and files of the host, seen in the container
 */
#include "run/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "kern/at.h"
#include "kern/mount.h"
#include "kern/tree.h"

enum { DIR_MODE = 0755, FILE_MODE = 0644 };

static const char *const figures[] = { "cpuinfo",
				       "diskstats",
				       "meminfo",
				       "stat",
				       "swaps",
				       "uptime",
				       "loadavg",
				       "slabinfo",
				       "net/dev",
				       "sys/kernel/ns_last_pid",
				       "sys/crypto/fips_enabled" };

static bool is_procfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

bool bind_hides_proc(int target, const char *path, int source)
{
	const char *name = str_starts(path, "/proc/");

	if (str_eq(path, "/proc"))
		return !is_procfs(source);
	if (!is_procfs(target))
		return false;
	for (size_t i = 0; name && i < array_len(figures); i++)
		if (str_eq(name, figures[i]))
			return false;
	return true;
}

static int open_target(int root, const char *target, bool directory)
{
	return directory ? at_mkdir_p_in_root(root, target, DIR_MODE)
			 : at_mkfile_in_root(root, target, FILE_MODE);
}

/* A flag of the source that the host's owner locked stays: suid, dev and exec cannot loosen it. */
static int set_attributes(int mount, const struct plan_op *op)
{
	int r = mount_change(mount, true, op->set, op->clear, op->propagation);

	if (r == -EPERM && op->clear)
		r = mount_change(mount, true, op->set, 0, op->propagation);
	return r;
}

/* Changes go to folders of the user's choice and stay there. */
static int cover_for_good(int target, int source, const struct plan_op *op)
{
	AUTO(strv) struct strv options = { 0 };

	strv_add(&options, "userxattr");
	strv_addf(&options, "lowerdir=/proc/self/fd/%d", source);
	strv_extend(&options, &op->data);
	AUTO(fd) int overlay = mount_new("overlay", "overlay", &options, op->set, NULL);
	return overlay < 0 ? overlay : mount_attach(overlay, target);
}

/* Changes go to a tmpfs that lies under the overlay and ends with the container. */
static int cover_by_overlay(int target, int source)
{
	AUTO(strv) struct strv options = { 0 };
	AUTO(fd) int scratch = mount_new("tmpfs", "tmpfs", NULL, MOUNT_ATTR_NODEV, NULL);
	int r = scratch < 0 ? scratch : mount_attach(scratch, target);

	if (r < 0)
		return r;
	if (mkdirat(scratch, "upper", DIR_MODE) < 0 || mkdirat(scratch, "work", DIR_MODE) < 0)
		return -errno;
	strv_add(&options, "userxattr");
	strv_addf(&options, "lowerdir=/proc/self/fd/%d", source);
	strv_addf(&options, "upperdir=/proc/self/fd/%d/upper", scratch);
	strv_addf(&options, "workdir=/proc/self/fd/%d/work", scratch);
	AUTO(fd) int overlay = mount_new("overlay", "overlay", &options, 0, NULL);
	return overlay < 0 ? overlay : mount_attach(overlay, scratch);
}

static bool is_directory(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static int attach(int root, const struct plan_op *op, int source, bool directory)
{
	AUTO(fd) int target = open_target(root, op->target, directory);

	if (target < 0)
		return target;
	if (bind_hides_proc(target, op->target, source))
		return -ENOTSUP;
	if ((op->flags & PLAN_OVERLAY) && op->data.count)
		return cover_for_good(target, source, op);
	if (op->flags & PLAN_OVERLAY)
		return cover_by_overlay(target, source);
	AUTO(fd) int mount = mount_copy(source, op->flags & PLAN_RECURSIVE);
	if (mount == -EINVAL) /* below it are mounts that belong to another owner: only with them */
		mount = mount_copy(source, true);
	int r = mount < 0 ? mount : set_attributes(mount, op);
	if (r == 0)
		r = mount_attach(mount, target);
	return r < 0 && is_directory(target) != directory ? directory ? -ENOTDIR : -EISDIR : r;
}

int bind_apply(int root, const struct runtime_spec *spec, const struct plan_op *op, int source,
	       struct err *err)
{
	struct stat st;
	int r = 0;

	if (fstat(source, &st) < 0)
		return err_sys(err, -errno, "cannot mount '%s'", op->source);
	bool directory = S_ISDIR(st.st_mode);
	if (op->flags & PLAN_CHOWN)
		r = tree_chown(source, spec->uid, spec->gid);
	if (r < 0)
		return err_sys(err, r, "cannot give '%s' to user %u", op->source, spec->uid);
	if ((op->flags & PLAN_OVERLAY) && !directory)
		return err_set(err, -ENOTDIR, "'O' needs a directory, '%s' is none", op->source);
	r = attach(root, op, source, directory);
	if (r == -ENOTSUP)
		return err_set(err, r,
			       "cannot mount '%s' on '%s': it is part of the kernel's /proc",
			       op->source, op->target);
	if (r == 0)
		return 0;
	(void)err_sys(err, r, "cannot mount '%s' on '%s'", op->source, op->target);
	if (r == -ENOTDIR || r == -EISDIR)
		(void)err_hint(err, directory ? "a folder can only be mounted on a folder"
					      : "a file can only be mounted on a file");
	return r;
}

int bind_copy_up(int from, int to)
{
	AUTO(fd) int readable = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return readable < 0 ? -errno : tree_copy(readable, to, 0);
}
