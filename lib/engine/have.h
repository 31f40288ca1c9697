/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * have - the image of a new container, ready to be used
 */
#pragma once

#include "base/err.h"
#include "engine/create_args.h"
#include "engine/engine.h"
#include "store/images.h"

/**
 * have_image() - find, pull or mend the image that a container is to be made of
 * @engine:	the engine
 * @args:	name, platform, policy and how registries are asked
 * @out:	to be released with image_free; set on success only
 * @out_lock:	LOCK_IMAGES, shared: until it is closed nobody takes the image away; set on success only
 * @err:	what failed
 *
 * Layers that cannot be used (never known durable, and the host was started anew; or unpacked with other
 * ids) are unpacked again from their blobs, or pulled again.
 *
 * Return: 0; -ENOENT when there is none; otherwise as pull_image().
 */
must_check int have_image(struct engine *engine, const struct create_args *args, struct image **out,
			  int *out_lock, struct err *err);
