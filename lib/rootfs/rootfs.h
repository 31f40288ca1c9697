/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rootfs - which file system becomes a container's root, and mounting it
 *
 * Planning is pure: layers, folders and driver become a printable list of steps. Applying happens in
 * the monitor's own mount namespace, so that nothing is left when the monitor ends. The drivers:
 *
 *	overlay		the kernel's, with "userxattr"; layers are passed by descriptor, so that
 *			their number is not bounded by the length of their names
 *	fuse-overlayfs	a process beside the monitor, in its pid namespace; also maps ids (keep-id)
 *	copy		layers copied into one folder; the last resort
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "kern/host.h"
#include "rootfs/plan.h"

/**
 * rootfs_apply() - mount it
 * @plan:	what to mount
 * @host:	facts, for the path of fuse-overlayfs
 * @out_helper:	pidfd of the FUSE process, or -1; set on success only
 * @err:	names the folder and what to do
 *
 * The caller is root in the outer user namespace and in a mount namespace of its own. Lower layers that are
 * single files (rootfs/single.h) are mounted first, on the same folder, below what becomes the root. Where the
 * kernel's overlay does not take them, fuse-overlayfs does it.
 *
 * Return: an O_PATH descriptor of the mounted root, owned by the caller, or a negative errno.
 */
must_check int rootfs_apply(const struct rootfs_plan *plan, const struct host *host,
			    int *out_helper, struct err *err);

/**
 * rootfs_probe() - which driver works for a store
 * @dir:	an existing folder of the store, on its file system
 * @host:	facts
 * @err:	why none works
 *
 * The caller is root in a user namespace with a mount namespace of its own. Tries a real mount.
 *
 * Return: the driver's name, static, or NULL.
 */
const char *rootfs_probe(const char *dir, const struct host *host, struct err *err);
