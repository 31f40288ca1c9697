/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * recipe - how a layer's tar is made again of the files that it was unpacked to
 *
 * The digest of an image's layer is over the bytes of its tar, which another writer of tars would order and
 * pad otherwise. A recipe has every byte of the tar that is no file's content, and says where in which file
 * the rest stands: headers of some hundred bytes for a file, well compressed. What no file holds (one that a
 * later entry replaced) is in the recipe itself. So the blob need not be kept beside the files.
 *
 * A recipe is a zstd stream of the line "cubby recipe 1" and records, numbers little-endian:
 *	'r' u32 SIZE, bytes		these bytes
 *	'f' u32 SIZE, path		the following come from this file below the layer's folder
 *	'c' u64 OFFSET, u64 SIZE	as many bytes of it
 *	'e' u64 SIZE			the end, and the length of the tar
 *
 *   (1) each copy was compared with the tar when the recipe was made, and the tar hashed;
 *   (2) what is made of it is hashed again by whoever uses it: a file that was changed since shows.
 *
 * Linked by cubby-layer only.
 */
#pragma once

#include "base/err.h"
#include "layer/job.h"

/**
 * recipe_make() - write the recipe of a layer
 * @blob:	the layer, compressed or not: regular file, read from offset 0
 * @diff:	what it was unpacked to
 * @to:		empty file
 * @out:	digest and size of the tar; to be released with layer_digest_clear; set on success only
 * @err:	what failed
 *
 * Return: 0; -EBADMSG when the blob is damaged; otherwise a negative errno.
 */
must_check int recipe_make(int blob, int diff, int to, struct layer_digest *out, struct err *err);

/**
 * recipe_follow() - write the tar again
 * @recipe:	regular file, read from offset 0
 * @diff:	the files
 * @to:		where the tar goes
 * @out:	digest and size of what was written; likewise
 * @err:	which file failed
 *
 * Return: 0; -EBADMSG when the recipe is damaged or a file is shorter than it was; -ENOENT when one is gone;
 * otherwise a negative errno.
 */
must_check int recipe_follow(int recipe, int diff, int to, struct layer_digest *out,
			     struct err *err);
