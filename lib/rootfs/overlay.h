/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * overlay - the kernel's overlay file system, mounted by a user
 *
 * Layers are named by descriptor, relative to /proc/self/fd: no name has to be escaped, and 500 of them
 * fit into the one page of options that mount(2) takes.
 */
#pragma once

#include "base/err.h"
#include "kern/host.h"
#include "rootfs/plan.h"

/**
 * overlay_mount() - mount by the kernel's overlay
 * @plan:	driver not looked at
 * @host:	not used
 * @out_helper:	not set: there is none
 * @err:	names the folder
 *
 * Return: 0; -EPERM, -ENODEV and -EINVAL where the kernel or the file system cannot.
 */
must_check int overlay_mount(const struct rootfs_plan *plan, const struct host *host,
			     int *out_helper, struct err *err);

/**
 * bind_mount() - a folder that is the root itself (--rootfs)
 * @plan:	the only lower folder is the root
 * @host:	not used
 * @out_helper:	not set: there is none
 * @err:	names the folder
 *
 * Return: 0 or a negative errno.
 */
must_check int bind_mount(const struct rootfs_plan *plan, const struct host *host, int *out_helper,
			  struct err *err);
