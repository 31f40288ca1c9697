/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copy - layers copied into the upper folder, once: where nothing can be mounted over another
 *
 * The file UPPER.copied beside the upper folder says that it is whole. Whiteouts in a layer (a
 * character device 0:0, or the user.overlay attributes that stand for it) remove what lower layers brought.
 */
#pragma once

#include "base/err.h"
#include "kern/host.h"
#include "rootfs/plan.h"

/**
 * copy_mount() - copy the layers where that was not done, and bind the result
 * @plan:	driver not looked at
 * @host:	not used
 * @out_helper:	not set: there is none
 * @err:	names the layer
 *
 * Return: 0; -ENOSPC and what else copying says.
 */
must_check int copy_mount(const struct rootfs_plan *plan, const struct host *host, int *out_helper,
			  struct err *err);
