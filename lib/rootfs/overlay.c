/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * overlay - the kernel's overlay file system, mounted by a user
 */
#include "rootfs/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fd.h"

/* Descriptors of every folder that the mount is made of. */
struct folders {
	int *items;
	size_t count;
};

static void auto_folders(struct folders *f)
{
	for (size_t i = 0; i < f->count; i++)
		fd_close(f->items[i]);
	free(f->items);
}

static int add_folder(struct folders *f, const char *path, struct err *err)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, -errno, "cannot open the layer '%s'", path);
	*vec_push(f) = fd;
	return fd;
}

static int print_options(const struct rootfs_plan *plan, struct folders *f, FILE *out,
			 struct err *err)
{
	fputs("lowerdir=", out);
	for (size_t i = 0; i < plan->lower.count; i++) {
		int fd = add_folder(f, plan->lower.items[i], err);
		if (fd < 0)
			return fd;
		fprintf(out, "%s%d", i ? ":" : "", fd);
	}
	if (plan->upper) {
		int upper = add_folder(f, plan->upper, err);
		int work = upper < 0 ? upper : add_folder(f, plan->work, err);
		if (work < 0)
			return work;
		fprintf(out, ",upperdir=%d,workdir=%d", upper, work);
	}
	fputs(plan->volatile_mode && plan->upper ? ",userxattr,volatile" : ",userxattr", out);
	return 0;
}

/* With /proc/self/fd as the working directory a number is the path of a descriptor. */
static int mount_there(const char *target, const char *options)
{
	AUTO(fd) int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd) int fds = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd) int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	if (root < 0 || fds < 0 || fchdir(fds) < 0)
		return -errno;
	if (mount("overlay", target, "overlay", 0, options) < 0)
		r = -errno;
	if (before < 0 || fchdir(before) < 0)
		(void)!fchdir(root); /* the folder we stood in is gone */
	return r;
}

int overlay_mount(const struct rootfs_plan *plan, const struct host *host, int *out_helper,
		  struct err *err)
{
	AUTO(folders) struct folders f = { 0 };
	AUTO(mem) char *options = NULL;
	size_t size;
	FILE *out = open_memstream(&options, &size);

	(void)host;
	(void)out_helper;
	bug_unless(out);
	int r = print_options(plan, &f, out, err);
	(void)fclose(out); /* into memory: nothing to lose */
	if (r < 0)
		return r;
	r = mount_there(plan->target, options);
	if (r < 0)
		return err_sys(err, r, "cannot mount the overlay on '%s'", plan->target);
	return 0;
}

int bind_mount(const struct rootfs_plan *plan, const struct host *host, int *out_helper,
	       struct err *err)
{
	(void)host;
	(void)out_helper;
	if (plan->lower.count != 1)
		return err_set(err, -EINVAL, "a root that is bound needs exactly one folder");
	if (mount(plan->lower.items[0], plan->target, NULL, MS_BIND | MS_REC, NULL) < 0)
		return err_sys(err, -errno, "cannot bind '%s'", plan->lower.items[0]);
	return 0;
}
