/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mount - making, copying and attaching mounts by descriptor
 */
#include "kern/mount.h"

#include <errno.h>
#include <fcntl.h>

#include "base/fd.h"

static int set_option(int fs, const char *option)
{
	const char *eq = strchr(option, '=');

	if (!eq)
		return fsconfig(fs, FSCONFIG_SET_FLAG, option, NULL, 0) < 0 ? -errno : 0;
	AUTO(mem) char *key = str_ndup(option, (size_t)(eq - option));
	return fsconfig(fs, FSCONFIG_SET_STRING, key, eq + 1, 0) < 0 ? -errno : 0;
}

static int set_options(int fs, const struct strv *options, const char **out_option)
{
	for (size_t i = 0; options && i < options->count; i++) {
		int r = set_option(fs, options->items[i]);
		if (r < 0) {
			if (out_option)
				*out_option = options->items[i];
			return r;
		}
	}
	return 0;
}

int mount_new(const char *type, const char *source, const struct strv *options, uint64_t attrs,
	      const char **out_option)
{
	AUTO(fd) int fs = fsopen(type, FSOPEN_CLOEXEC);

	if (out_option)
		*out_option = NULL;
	if (fs < 0)
		return -errno;
	if (source && fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) < 0)
		return -errno;
	int r = set_options(fs, options, out_option);
	if (r < 0)
		return r;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	int fd = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned int)attrs);
	return fd < 0 ? -errno : fd;
}

int mount_copy(int fd, bool recursive)
{
	int copy = open_tree(fd, "",
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
				     (recursive ? AT_RECURSIVE : 0));

	return copy < 0 ? -errno : copy;
}

int mount_change(int fd, bool recursive, uint64_t set, uint64_t clear, uint64_t propagation)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear, .propagation = propagation };
	unsigned int flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);

	return mount_setattr(fd, "", flags, &attr, sizeof attr) < 0 ? -errno : 0;
}

int mount_attach(int fd, int target)
{
	unsigned int flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;

	return move_mount(fd, "", target, "", flags) < 0 ? -errno : 0;
}
