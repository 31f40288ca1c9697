/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * single - an image as one file, made of the streams of its layers, inside cubby-single
 *
 * Each layer is read once, as it arrives, and nothing but the result is written. Later layers override
 * earlier ones, and two orders are possible:
 *
 *	from the lowest up	what is overridden later has been written by then, and lies dead in the file
 *	from the uppermost down	what upper layers have decided is known, and is not written at all
 *
 * So layers come uppermost first. But what a layer's entries mean depends on the layers below: a folder on the
 * way may be a link there, a hard link may name a file that only they have. Therefore the order of reading
 * decides only what is written of contents, never what the result is: of each layer the entries are kept in
 * memory (names and attributes), and when the last has been read they are planted from the lowest up
 * (layer/plant.h), which is how they are meant.
 *
 * A content is passed over when an upper layer has another file under the same name, or deletes it or a folder
 * above it, and no hard link of an upper layer names it. That goes by the names as they are written. Should a file
 * need a content that was passed over (its name in an upper layer went through a link elsewhere; or another
 * name in its own layer is a hard link to it), single_end() says -EAGAIN, and the caller begins again with
 * SINGLE_ALL, which passes nothing over. No image that was met needs that.
 *
 * Memory: about 300 bytes a file, besides the blocks that are being inflated and packed (16 MiB).
 */
#pragma once

#include "base/err.h"
#include "layer/job.h"

struct single;

/**
 * single_new() - begin
 * @fd:		empty regular file, open for reading and writing; taken over
 * @flags:	LAYER_SINGLE_ALL
 * @out:	to be released with single_free; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int single_new(int fd, int flags, struct single **out, struct err *err);

/**
 * single_free() - release
 * @single:	may be NULL
 */
void single_free(struct single *single);

DEFINE_AUTO_PTR(single, struct single, single_free)

/**
 * single_add() - read the next layer, from the uppermost down
 * @single:	begun
 * @req:	.blob, .more and .max_bytes count
 * @out:	to be released by the caller as that of apply_layer(); set on success only
 * @err:	what is wrong with the layer
 *
 * Return: as apply_layer().
 */
must_check int single_add(struct single *single, const struct layer_apply *req,
			  struct layer_applied *out, struct err *err);

/**
 * single_end() - join the layers and write the rest
 * @single:	nothing but single_free may follow
 * @trailer:	text that is put behind the file system
 * @out_size:	bytes of the file; set on success only
 * @err:	what failed
 *
 * Return: 0; -EAGAIN when contents are needed that were passed over; -EBADMSG when a layer attacks or leans
 * on what is not there; otherwise a negative errno.
 */
must_check int single_end(struct single *single, const char *trailer, int64_t *out_size,
			  struct err *err);
