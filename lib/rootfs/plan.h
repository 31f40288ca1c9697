/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan - what a container's root is made of
 */
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct rootfs_plan {
	char *driver; /* "overlay", "fuse-overlayfs", "copy", "bind" (--rootfs without :O) */
	struct strv
		lower; /* absolute folders, topmost first; a file is a squashfs with a whole image */
	char *upper;   /* absolute; NULL mounts read-only */
	char *work;
	char *target; /* absolute folder to mount on */
	char *view; /* overlay: absolute folder where fuse-overlayfs shows the lower ones with other owners; or NULL */
	char *uid_mapping; /* fuse-overlayfs: "inside:outside:count,...", or NULL */
	char *gid_mapping;
	bool volatile_mode;  /* no sync at all: for --rm containers */
	char *program;	     /* fuse-overlayfs: absolute; NULL: the one in PATH */
	struct strv options; /* further ones of the mount: "nodev", "index=off" */
	bool copy_root;	     /* upper/ is new: it gets owner and mode of the uppermost lower one */
};

/**
 * rootfs_attribute() - the flag of a mount that an option of that name sets
 * @option:	"nodev"
 *
 * Return: MS_*, or 0 for an option of the file system itself.
 */
unsigned long rootfs_attribute(const char *option);

/**
 * rootfs_attributes() - the flags that a plan's options set
 * @plan:	its options are looked at
 *
 * Return: MS_*, joined.
 */
unsigned long rootfs_attributes(const struct rootfs_plan *plan);

/**
 * rootfs_print() - the text of a plan, for tests and `explain`
 * @plan:	printed
 *
 * Return: one step a line, to be freed.
 */
must_check char *rootfs_print(const struct rootfs_plan *plan);

/**
 * rootfs_plan_clear() - release a plan
 * @plan:	empty afterwards
 */
void rootfs_plan_clear(struct rootfs_plan *plan);

static inline void auto_rootfs_plan(struct rootfs_plan *plan)
{
	rootfs_plan_clear(plan);
}
