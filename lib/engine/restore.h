/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * restore - blobs made again of layers that are kept unpacked alone (blobless.h)
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"
#include "store/image.h"

/**
 * restore_possible() - whether blobs of an image were dropped, and can be made again
 * @engine:	the engine
 * @image:	as found
 *
 * Return: true when a layer's blob is not here and each such layer has a recipe.
 */
bool restore_possible(struct engine *engine, const struct image *image);

/**
 * restore_image() - have all blobs of an image in the store
 * @engine:	the engine
 * @image:	as found
 * @out:	the image as it is now, perhaps with another manifest; to be released with image_free; set on
 *		success only
 * @err:	which layer cannot be had
 *
 * Costs a look at each blob when nothing is missing.
 *
 * Return: 0; -ENOENT when a layer is neither packed nor unpacked here; -EBADMSG when the files of one were
 * changed; otherwise a negative errno.
 */
must_check int restore_image(struct engine *engine, const struct image *image, struct image **out,
			     struct err *err);
