/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * security - what a container may do: capabilities, filters, limits, kernel settings
 *
 * Pure: texts are checked and kept; what they mean to the kernel is the spec room's.
 */
#pragma once

#include "base/err.h"
#include "engine/create_args.h"
#include "store/container.h"

/**
 * security_plan() - take --privileged, --cap-*, --security-opt, --ulimit and --sysctl
 * @args:	as typed
 * @config:	its rights are set; a seccomp profile stays the path as typed
 * @err:	names the argument and the rule
 *
 * Return: 0; -EINVAL; -EOPNOTSUPP for labels of SELinux and AppArmor profiles.
 */
must_check int security_plan(const struct create_args *args, struct container_config *config,
			     struct err *err);

/**
 * security_limits() - set limits of processes
 * @ulimits:	NAME=SOFT[:HARD], as typed; or "host": as they are outside
 * @config:	those of other names stay, unless "host" takes the place of all
 * @err:	names the limit that is wrong
 *
 * Return: 0 or -EINVAL; some may be set then.
 */
must_check int security_limits(const struct strv *ulimits, struct container_config *config,
			       struct err *err);
