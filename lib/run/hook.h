/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hook - programs of the host that a device's maker wants run while a container is made
 *
 * The state of the container is on standard input, as the OCI runtime specification says; its bundle holds
 * config.json, whose root.path is where the root file system can be seen in the hook's mount namespace. What a
 * hook writes to standard error is the reason when it fails.
 */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "oci/runtime_spec.h"

/**
 * hook_run() - run the hooks of one kind, one after the other
 * @spec:	its hooks, id and bundle
 * @kind:	which
 * @pid:	of the container's first process, as the host counts
 * @err:	names the hook, and what it said
 *
 * Return: 0; -ETIME when one took too long and was killed; -ECANCELED when one failed; otherwise a negative
 * errno.
 */
must_check int hook_run(const struct runtime_spec *spec, enum runtime_hook_kind kind, pid_t pid,
			struct err *err);
