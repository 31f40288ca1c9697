/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * overlay - the kernel's overlay file system, mounted by a user
 */
#include "rootfs/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fd.h"

enum { OPTIONS_MAX = 4096 };

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

/* The lower ones first, then upper and work. */
static int open_folders(const struct rootfs_plan *plan, struct folders *f, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < plan->lower.count && r >= 0; i++)
		r = add_folder(f, plan->lower.items[i], err);
	if (r >= 0 && plan->upper)
		r = add_folder(f, plan->upper, err);
	if (r >= 0 && plan->upper)
		r = add_folder(f, plan->work, err);
	return r < 0 ? r : 0;
}

/* Each folder is named by its descriptor below @at. */
static char *print_options(const struct rootfs_plan *plan, const struct folders *f, const char *at)
{
	char *text = NULL;
	size_t size, lower = plan->lower.count;
	FILE *out = open_memstream(&text, &size);

	bug_unless(out);
	for (size_t i = 0; i < lower; i++)
		fprintf(out, "%s%s%d", i ? ":" : "lowerdir=", at, f->items[i]);
	if (plan->upper)
		fprintf(out, ",upperdir=%s%d,workdir=%s%d", at, f->items[lower], at,
			f->items[lower + 1]);
	fputs(plan->volatile_mode && plan->upper ? ",userxattr,volatile" : ",userxattr", out);
	for (size_t i = 0; i < plan->options.count; i++)
		if (!rootfs_attribute(plan->options.items[i]))
			fprintf(out, ",%s", plan->options.items[i]);
	(void)fclose(out); /* into memory: nothing to lose */
	return text;
}

static int mount_with(const struct rootfs_plan *plan, const char *options)
{
	unsigned long flags = rootfs_attributes(plan);

	return mount("overlay", plan->target, "overlay", flags, options) < 0 ? -errno : 0;
}

/* With /proc/self/fd as the working directory a number is the path of a descriptor. */
static int mount_there(const struct rootfs_plan *plan, const char *options)
{
	AUTO(fd) int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd) int fds = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd) int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0 || fds < 0 || fchdir(fds) < 0)
		return -errno;
	int r = mount_with(plan, options);
	if (before < 0 || fchdir(before) < 0)
		(void)!fchdir(root); /* the folder we stood in is gone */
	return r;
}

int overlay_mount(const struct rootfs_plan *plan, const struct host *host, int *out_helper,
		  struct err *err)
{
	AUTO(folders) struct folders f = { 0 };

	(void)host;
	(void)out_helper;
	int r = open_folders(plan, &f, err);
	if (r < 0)
		return r;
	AUTO(mem) char *options = print_options(plan, &f, "/proc/self/fd/");
	/*
	 * The kernel takes a page of options, which is over two hundred layers. Only beyond them is the
	 * working directory changed: that of a monitor is where its clients look for it.
	 */
	if (strlen(options) < OPTIONS_MAX) {
		r = mount_with(plan, options);
	} else {
		AUTO(mem) char *brief = print_options(plan, &f, "");
		r = mount_there(plan, brief);
	}
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
