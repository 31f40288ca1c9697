/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_platform - whether an image is the one for a platform: of each name one is kept
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
 * image_name_for_platform() - the same of an image by its name
 * @engine:	the engine
 * @text:	name or id, as typed
 * @platform:	as typed, or NULL for any
 * @err:	what it is for
 *
 * Return: as image_for_platform(); 0 also when there is no such image: whoever uses it says so.
 */
must_check int image_name_for_platform(const struct engine *engine, const char *text,
				       const char *platform, struct err *err);
