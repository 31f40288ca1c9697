/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keep_storage - removing unused images until what is left fits
 *
 * Those go first that were used longest ago. An image is used when something happens to it (it is pulled, loaded,
 * made, tagged, mounted) or to a container of it; the log of events remembers that for a few thousand events. Of
 * what it has forgotten, the time at which the image came counts.
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "engine/images.h"

/**
 * images_keep_storage() - remove no more unused images than are needed
 * @engine:	the engine
 * @bytes:	that images, layers and blobs, may take afterwards, as `system df` counts them
 * @wanted:	asked for each image; NULL takes all
 * @data:	handed to @wanted
 * @out:	what was done is added
 * @err:	what failed
 *
 * What no image needs goes in any case, as with images_prune().
 *
 * Return: bytes that are left, more than @bytes where the rest is used or not wanted; or a negative errno.
 */
must_check int64_t images_keep_storage(struct engine *engine, int64_t bytes, image_wanted_fn wanted,
				       void *data, struct image_deleted *out, struct err *err);
