/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keeper - a process that keeps a mount which another process serves
 *
 *	cubby unshare ── PROGRAM ── ... ── cubby mount ── keeper ── fuse-overlayfs
 *
 * The command that mounts ends; fuse-overlayfs must not end with it, nor stay when nobody can see the mount
 * any more. So its parent is the keeper, which waits for two ends: that of the program of `cubby unshare`,
 * with which the mount namespace goes, and that of fuse-overlayfs, which ends when it is unmounted.
 * Either ends the keeper, and its death the other (PR_SET_PDEATHSIG).
 */
#pragma once

#include "base/err.h"
#include "kern/host.h"
#include "rootfs/plan.h"

/**
 * keeper_mount() - mount for as long as the program of `cubby unshare` runs
 * @plan:	what to mount
 * @host:	for the path of fuse-overlayfs
 * @err:	what cannot be mounted, or that there is no such program
 *
 * To be called in the mount namespace of `cubby unshare`. Returns when the mount answers.
 *
 * Return: 0; -ENOTSUP where no process of this mount namespace is above the caller; otherwise a negative errno.
 */
must_check int keeper_mount(const struct rootfs_plan *plan, const struct host *host,
			    struct err *err);
