/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * restore - blobs made again of layers that are kept unpacked alone (blobless.h)
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "store/image.h"

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
