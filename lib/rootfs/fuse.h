/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuse - fuse-overlayfs, a process that serves the root file system
 *
 * The mount is made here and its device is handed over ("/dev/fd/N" as the mount point), so neither
 * fusermount nor waiting for the process is needed: the kernel holds requests until it answers.
 */
#pragma once

#include "base/err.h"
#include "kern/host.h"
#include "rootfs/plan.h"

/**
 * fuse_mount() - mount by fuse-overlayfs
 * @plan:	driver not looked at
 * @host:	for the program's path
 * @out_helper:	pidfd of the process
 * @err:	what is missing
 *
 * Return: 0; -ENOENT when the program or /dev/fuse is not there; otherwise a negative errno.
 */
must_check int fuse_mount(const struct rootfs_plan *plan, const struct host *host, int *out_helper,
			  struct err *err);
