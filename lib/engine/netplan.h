/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netplan - from what the user asked for to a container's network, its names and its ports
 *
 * Which networks there are, and addresses on them, is netargs.h's.
 */
#pragma once

#include "base/err.h"
#include "engine/create_args.h"
#include "oci/image.h"
#include "store/container.h"

/**
 * network_plan() - decide the network's part of a configuration
 * @args:	as typed
 * @image:	says which ports it exposes
 * @config:	what is said of the network is set
 * @err:	names the argument that is wrong, and the rule
 *
 * Return: 0 or -EINVAL; -EACCES for a port of the host that only root may use.
 */
must_check int network_plan(const struct create_args *args, const struct image_process *image,
			    struct container_config *config, struct err *err);
