/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mount - making, copying and attaching mounts by descriptor
 *
 * A mount is made detached, given its attributes, and then attached on a descriptor of its target,
 * so that no path is looked up twice. Needs Linux 5.12 for mount_setattr(2).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/mount.h>

#include "base/macros.h"
#include "base/str.h"

/**
 * mount_new() - a new file system, mounted nowhere yet
 * @type:	"proc", "tmpfs", ...
 * @source:	what mountinfo shows, or NULL
 * @options:	"key=value" and "key" of the file system; may be NULL
 * @attrs:	MOUNT_ATTR_*
 * @out_option:	the option that was refused, which belongs to @options, or NULL; may be NULL
 *
 * Return: a descriptor of the mount or a negative errno.
 * Source: fsopen(2), fsmount(2).
 */
must_check int mount_new(const char *type, const char *source, const struct strv *options,
			 uint64_t attrs, const char **out_option);

/**
 * mount_copy() - a copy of what is mounted at a descriptor, as a bind mount makes it
 * @fd:		file or directory; may be O_PATH
 * @recursive:	with all mounts below
 *
 * Return: a descriptor of the copy, mounted nowhere yet, or a negative errno.
 */
must_check int mount_copy(int fd, bool recursive);

/**
 * mount_change() - change the attributes of a mount
 * @fd:		as mount_new or mount_copy gave it, or the root of an attached mount
 * @recursive:	also those below
 * @set:	MOUNT_ATTR_* to set
 * @clear:	MOUNT_ATTR_* to clear
 * @propagation: MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE, or 0 to leave it
 *
 * Return: 0; -EPERM when a flag that is locked would be cleared; otherwise a negative errno.
 */
must_check int mount_change(int fd, bool recursive, uint64_t set, uint64_t clear,
			    uint64_t propagation);

/**
 * mount_attach() - put a detached mount where it is seen
 * @fd:		the mount; keeps referring to its root
 * @target:	descriptor of the file or directory that it covers
 *
 * Return: 0 or a negative errno.
 */
must_check int mount_attach(int fd, int target);
