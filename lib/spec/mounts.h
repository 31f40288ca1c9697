/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mounts - what is mounted in a container, in order
 */
#pragma once

#include "spec/facts.h"

/* Where an init of the user's own is seen. */
#define MOUNTS_INIT "/run/cubby-init"

/**
 * mounts_make() - the list of mounts
 * @config:	what was asked
 * @facts:	what is the case
 * @spec:	own[], gids and read_only are read; mounts are added
 * @err:	names the mount that cannot be
 *
 * The usual file systems first, then the engine's files, then what was asked for, upper folders
 * before those inside them. A mount asked for replaces a usual one of the same destination.
 *
 * Return: 0; -EINVAL; -ENOTSUP.
 */
must_check int mounts_make(const struct container_config *config, const struct spec_facts *facts,
			   struct runtime_spec *spec, struct err *err);
