/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sizes - how much disk containers take
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"
#include "store/container.h"

/**
 * sizes_of() - bytes of the files below several folders
 * @engine:	the engine
 * @paths:	absolute; one that is not there has no bytes
 * @out:	room for as many; set on success only
 * @err:	what cannot be read
 *
 * Walks as root of the outer user namespace, which is entered once for all, and not at all for none.
 *
 * Return: 0 or a negative errno.
 */
must_check int sizes_of(struct engine *engine, const struct strv *paths, int64_t *out,
			struct err *err);

/**
 * container_sizes() - bytes of a container's own files and of the image below
 * @engine:	the engine
 * @config:	of the container
 * @out_own:	bytes of its writable layer; set on success only
 * @out_below:	bytes of the image's layers; set on success only
 * @err:	what cannot be read
 *
 * Walks the writable layer as root of the outer user namespace.
 *
 * Return: 0 or a negative errno.
 */
must_check int container_sizes(struct engine *engine, const struct container_config *config,
			       int64_t *out_own, int64_t *out_below, struct err *err);
