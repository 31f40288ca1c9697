/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * deflate - bytes compressed, hashed and written to a file that somebody reads along
 *
 * Linked by cubby-layer only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "layer/job.h"

struct deflate;

/**
 * deflate_new() - begin
 * @req:	.out, .more, .packing and .level count; the descriptors stay the caller's
 * @out:	to be released with deflate_free; set on success only
 * @err:	says what there is not
 *
 * Return: 0; -EINVAL for a packing or a level that there is not.
 */
must_check int deflate_new(const struct layer_compress *req, struct deflate **out, struct err *err);

/**
 * deflate_add() - compress some bytes
 * @deflate:	begun
 * @data:	the bytes
 * @size:	how many
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int deflate_add(struct deflate *deflate, const void *data, size_t size, struct err *err);

/**
 * deflate_frame() - begin a frame, with LAYER_PACKED_CHUNKED
 * @deflate:	begun; a frame that is open is ended
 * @size:	bytes that will be added before it ends, exactly; -1 when nobody knows
 * @out_at:	where it begins in the file; set on success only
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int deflate_frame(struct deflate *deflate, int64_t size, int64_t *out_at,
			     struct err *err);

/**
 * deflate_frame_end() - end a frame
 * @deflate:	a frame may be open
 * @out_at:	where the file ends now; set on success only
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int deflate_frame_end(struct deflate *deflate, int64_t *out_at, struct err *err);

/**
 * deflate_append() - write bytes as they are
 * @deflate:	no frame is open
 * @data:	the bytes
 * @size:	how many
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int deflate_append(struct deflate *deflate, const void *data, size_t size,
			      struct err *err);

/**
 * deflate_at() - where the next byte goes
 * @deflate:	no frame is open
 *
 * Return: its offset in the file.
 */
int64_t deflate_at(const struct deflate *deflate);

/**
 * deflate_finish() - write what is left
 * @deflate:	takes nothing in afterwards
 * @out_digest:	of the compressed bytes, to be freed; set on success only
 * @out_size:	how many; set on success only
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int deflate_finish(struct deflate *deflate, char **out_digest, int64_t *out_size,
			      struct err *err);

/**
 * deflate_free() - release
 * @deflate:	may be NULL
 */
void deflate_free(struct deflate *deflate);

DEFINE_AUTO_PTR(deflate, struct deflate, deflate_free)
