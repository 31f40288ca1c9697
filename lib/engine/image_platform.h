/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_platform - the image for a platform: of each name one is kept, and lists have several
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "store/image.h"

/**
 * image_for_platform() - refuse an image for another platform
 * @engine:	the engine
 * @image:	as found
 * @platform:	as typed, or NULL for any
 * @err:	what it is for
 *
 * Return: 0; -EINVAL when @platform is none; -ENOENT when the image is for another.
 */
must_check int image_for_platform(const struct engine *engine, const struct image *image,
				  const char *platform, struct err *err);

/**
 * image_find_for_platform() - the image for a platform that a user means
 * @engine:	the engine
 * @text:	name or id, as typed: of a list the image for the platform is meant
 * @platform:	as typed, or NULL: as image_find()
 * @out:	to be released with image_free; set on success only
 * @err:	as image_find(), or what it is for
 *
 * Return: as image_find(); -EINVAL when @platform is none, or a list has no image for it; -ENOENT when the image is
 * for another.
 */
must_check int image_find_for_platform(const struct engine *engine, const char *text,
				       const char *platform, struct image **out, struct err *err);
