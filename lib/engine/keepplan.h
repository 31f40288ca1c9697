/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keepplan - from what the user asked for to how a container is kept, watched and known
 *
 * Labels and annotations, log, restarts, health, what is told to whom, files with its ids.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/create_args.h"
#include "oci/image.h"
#include "store/container.h"

struct keep_args {
	const struct create_args *args;	   /* as typed */
	const struct image_process *image; /* for its labels and its health check */
	bool docker;			   /* docker's way where it differs */
	const char *cwd;		   /* of the caller; NULL when it cannot be read */
};

/**
 * keep_plan() - decide this part of a configuration
 * @p:		what it follows from
 * @c:		is changed
 * @err:	names the argument that is wrong, and the rule
 *
 * Return: 0; -EINVAL for a wrong argument; -ENOENT for a file that is not there.
 */
must_check int keep_plan(const struct keep_args *p, struct container_config *c, struct err *err);
