/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuse - fuse-overlayfs, a process that serves the root file system
 */
#include "rootfs/fuse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "rootfs/single.h"

enum { FDS_MAX = 8, DEVICE_NUMBER = 3, ROOT_MODE = 040000 };

/* Its option parser splits at commas, unless they are escaped. */
static void put_escaped(FILE *out, const char *path)
{
	for (; *path; path++) {
		if (*path == ',' || *path == '\\')
			fputc('\\', out);
		fputc(*path, out);
	}
}

#define BY_DESCRIPTOR "/proc/self/fd/"

/* Single files are named by the descriptors of their mounts (rootfs.c). */
static bool has_single(const struct rootfs_plan *plan)
{
	for (size_t i = 0; i < plan->lower.count; i++)
		if (str_starts(plan->lower.items[i], BY_DESCRIPTOR))
			return true;
	return false;
}

static char *print_options(const struct rootfs_plan *plan)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	bug_unless(out);
	fputs("lowerdir=", out);
	for (size_t i = 0; i < plan->lower.count; i++) {
		fputs(i ? ":" : "", out);
		put_escaped(out, plan->lower.items[i]);
	}
	if (plan->upper) {
		fputs(",upperdir=", out);
		put_escaped(out, plan->upper);
		fputs(",workdir=", out);
		put_escaped(out, plan->work);
	}
	if (plan->uid_mapping)
		fprintf(out, ",uidmapping=%s", plan->uid_mapping);
	if (plan->gid_mapping)
		fprintf(out, ",gidmapping=%s", plan->gid_mapping);
	if (plan->volatile_mode)
		fputs(",volatile", out);
	/* It hands on that squashfuse knows no ACLs, as the failure of whatever was asked. */
	if (has_single(plan))
		fputs(single_one_id() ? ",noacl,squash_to_root" : ",noacl", out);
	for (size_t i = 0; i < plan->options.count; i++)
		if (!rootfs_attribute(plan->options.items[i]))
			fprintf(out, ",%s", plan->options.items[i]);
	(void)fclose(out); /* into memory: nothing to lose */
	return text;
}

/* It splits folders at colons, and nothing escapes them. */
static int check_name(const char *path, struct err *err)
{
	if (!path || !strchr(path, ':'))
		return 0;
	return err_set(err, -EINVAL, "fuse-overlayfs cannot use '%s': its name has a ':'", path);
}

static int check_names(const struct rootfs_plan *plan, struct err *err)
{
	int r = check_name(plan->upper, err);

	for (size_t i = 0; r == 0 && i < plan->lower.count; i++)
		r = check_name(plan->lower.items[i], err);
	return r;
}

static int mount_device(const struct rootfs_plan *plan, struct err *err)
{
	AUTO(fd) int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (device < 0) {
		int r = err_sys(err, -errno, "cannot open '/dev/fuse'");
		(void)err_hint(err,
			       "fuse-overlayfs needs it: 'modprobe fuse' and mode 0666, as root");
		return r;
	}
	AUTO(mem)
	char *options =
		str_fmt("fd=%d,rootmode=%o,user_id=0,group_id=0,default_permissions,allow_other",
			device, ROOT_MODE);
	if (mount("fuse-overlayfs", plan->target, "fuse.fuse-overlayfs",
		  MS_NODEV | rootfs_attributes(plan), options) < 0)
		return err_sys(err, -errno, "cannot mount on '%s'", plan->target);
	return take_fd(device);
}

/* Those lower layers that are named by descriptor keep their numbers. */
static size_t add_lower(const struct rootfs_plan *plan, struct spawn_fd *fds, size_t count)
{
	for (size_t i = 0; i < plan->lower.count && count < FDS_MAX; i++) {
		const char *number = str_starts(plan->lower.items[i], BY_DESCRIPTOR);
		if (!number)
			continue;
		int fd = (int)strtol(number, NULL, 10);
		fds[count++] = (struct spawn_fd){ .from = fd, .to = fd };
	}
	return count;
}

int fuse_mount(const struct rootfs_plan *plan, const struct host *host, int *out_helper,
	       struct err *err)
{
	AUTO(mem)
	char *program = plan->program ? str_dup(plan->program) : host_tool(host, "fuse-overlayfs");

	if (!program) {
		int r = err_set(err, -ENOENT, "there is no program 'fuse-overlayfs'");
		(void)err_hint(err, "install the package 'fuse-overlayfs'");
		return r;
	}
	int r = check_names(plan, err);
	if (r < 0)
		return r;
	AUTO(fd) int device = mount_device(plan, err);
	if (device < 0)
		return device;
	AUTO(mem) char *options = print_options(plan);
	AUTO(mem) char *point = str_fmt("/dev/fd/%d", DEVICE_NUMBER);
	char foreground[] = "-f", with[] = "-o";
	char *argv[] = { program, foreground, with, options, point, NULL };
	struct spawn_fd fds[FDS_MAX] = { { .from = device, .to = DEVICE_NUMBER } };
	const struct spawn spawn = { .path = program,
				     .argv = argv,
				     .fds = fds,
				     .fd_count = add_lower(plan, fds, 1),
				     .die_with_parent = true };
	pid_t pid = spawn_start(&spawn, out_helper, err);
	if (pid < 0) {
		(void)!umount2(plan->target, MNT_DETACH);
		return (int)pid;
	}
	return 0;
}
