/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rights - the capabilities of a container's processes
 */
#pragma once

#include "base/err.h"
#include "oci/runtime_spec.h"
#include "store/container.h"

/**
 * spec_caps() - the capabilities of a process
 * @config:	--privileged, --cap-add, --cap-drop
 * @add:	further ones (exec), or NULL
 * @root:	whether the process is uid 0
 * @can:	what can be given at all
 * @out:	empty; set on success only
 * @err:	names an unknown one
 *
 * Root has what the container has. Another user has none but those that were asked for by name.
 *
 * Return: 0 or -EINVAL.
 */
must_check int spec_caps(const struct container_config *config, const struct strv *add, bool root,
			 uint64_t can, struct runtime_caps *out, struct err *err);
