/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blobless - layers kept unpacked alone, for who sets "keep_blobs = false" in cubby.conf
 *
 * Unpacked layers and packed blobs are the same content twice. Where space is scarce the blobs go, and a
 * recipe stays beside each unpacked layer (layer/recipe.h), by which its tar can be made again, bit by bit:
 *
 *	blobless_drop	after a pull, a load and so on, and when images are pruned
 *	restore_image	before an image is saved or pushed: its layers become blobs again (restore.h)
 *
 * The digest of a tar is the diff id, so what is made again is checked. A blob that was compressed is not had
 * back with the same digest: its layer comes back as a plain tar, and the image gets a manifest that says so.
 * Its id, the config's digest, stays.
 *
 *   (1) a blob goes only when each unpacked layer that was made of it has a recipe on disk, whose tar has the
 *       diff id, and is on disk itself;
 *   (2) what somebody holds a lock on is left for the next time.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "engine/engine.h"

/**
 * blobless_drop() - drop the blobs of unpacked layers
 * @engine:	the engine
 * @out_bytes:	of the blobs that went, added; may be NULL
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int blobless_drop(struct engine *engine, int64_t *out_bytes, struct err *err);

/**
 * blobless_settle() - the same, if the user wants it so
 * @engine:	the engine
 *
 * What fails is told as a warning: the image is there.
 */
void blobless_settle(struct engine *engine);
