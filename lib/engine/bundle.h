/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bundle - what hooks can read of a container: containers/ID/bundle/config.json
 *
 * The OCI runtime specification as it is run, whose root.path is where hooks see the root. It is written anew at
 * each start of a container with hooks, and read by nobody else.
 */
#pragma once

#include "base/err.h"
#include "oci/runtime_spec.h"
#include "store/container.h"

/**
 * bundle_write() - make the bundle of a container that has hooks; another has none
 * @config:	of the container
 * @folder:	its folder, absolute
 * @root:	where its root file system is mounted, absolute
 * @spec:	complete; it is told of the bundle
 * @secrets:	NAME=VALUE that must not be written, or NULL
 * @err:	what cannot be written
 *
 * Return: 0 or a negative errno.
 */
must_check int bundle_write(const struct container_config *config, const char *folder,
			    const char *root, struct runtime_spec *spec, const struct strv *secrets,
			    struct err *err);
