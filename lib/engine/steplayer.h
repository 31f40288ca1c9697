/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * steplayer - what a container has written becomes a layer of the store
 *
 * Where the kernel's overlay is the driver its upper folder becomes the layer as it is: it is tidied (layer/job.h,
 * LAYER_TIDY), hashed, and renamed; no tar is written. Such a layer is known as .packed, for its tar is made again
 * by packing the folder (restore.h). With other drivers what changed is packed into a blob, which is unpacked.
 *
 * Hashing takes by far the longest of it, and needs nothing but the folder, which does not change any more once it is
 * tidied: so it may be left for later, and containers may be made upon the folder meanwhile.
 *
 *	steplayer_take		.key is set, or .rest, or .rest, .diff_id and .tar_size
 *	steplayer_hash_finish	.diff_id and .tar_size are set
 *	steplayer_commit	.key is set; nothing may be mounted upon .rest any more
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/engine.h"
#include "layer/client.h"
#include "store/temp.h"

struct steplayer_options {
	const struct strv
		*mounted; /* paths without a leading slash that were mounted upon; or NULL */
	const struct strv
		*undone; /* paths at and below which nothing was changed, whatever was; or NULL */
	int flags;	 /* LAYER_CLAMP or LAYER_STAMP, or 0 */
	int64_t time;	 /* what goes with it, seconds since the epoch */
	const struct strv
		*upon; /* keys of the lowest of its layers: all that is above them, and what was
				  * written, becomes the layer; NULL: what was written alone */
	struct layer_helper *helper; /* idle, root of the user namespace; or NULL */
	bool defer;		     /* what takes long to hash is left to steplayer_hash_start() */
	bool hold; /* it is left to steplayer_commit() to make it a layer, where no tar is written */
};

struct steplayer {
	bool empty;	  /* nothing was changed: there is no layer */
	char *key;	  /* as store/layers.h, hex */
	char *diff_id;	  /* "sha256:HEX" */
	int64_t tar_size; /* bytes */
	int lock; /* LOCK_LAYER: until it is closed nobody takes the layer away; -1 when empty */
	struct temp *
		rest; /* its folder, which is not hashed yet: .rel is a layer's name for rootplan.h */
	int64_t disk_size; /* with .rest: bytes */
	bool tar; /* with .key: its tar is a blob of the store, under .diff_id, and goes unless something needs it */
};

/**
 * steplayer_take() - take what a container has written
 * @engine:	the engine
 * @id:		full id of a container that does not run; it has written nothing afterwards
 * @options:	how
 * @out:	to be released with steplayer_clear; set on success only
 * @err:	which file could not be read
 *
 * The layer is not durable: who reports success writes it to disk (durable.h).
 *
 * Return: 0; -EBUSY when the container runs; otherwise a negative errno.
 */
must_check int steplayer_take(struct engine *engine, const char *id,
			      const struct steplayer_options *options, struct steplayer *out,
			      struct err *err);

/**
 * steplayer_hash_start() - begin to hash what was left for later
 * @layer:	has .rest
 * @helper:	idle, root of the user namespace
 * @err:	which folder could not be opened
 *
 * Return: 0 or a negative errno.
 */
must_check int steplayer_hash_start(const struct steplayer *layer, struct layer_helper *helper,
				    struct err *err);

/**
 * steplayer_hash_finish() - wait for it
 * @layer:	as begun with
 * @helper:	as begun with; closing it instead leaves off
 * @err:	which file could not be read
 *
 * Return: 0 or a negative errno.
 */
must_check int steplayer_hash_finish(struct steplayer *layer, struct layer_helper *helper,
				     struct err *err);

/**
 * steplayer_commit() - make what was hashed a layer of the store
 * @engine:	the engine
 * @layer:	has .rest and .diff_id
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int steplayer_commit(struct engine *engine, struct steplayer *layer, struct err *err);

/**
 * steplayer_drop() - remove what will not be a layer
 * @engine:	the engine
 * @layer:	has .rest, or nothing is done; empty afterwards
 */
void steplayer_drop(struct engine *engine, struct steplayer *layer);

/**
 * steplayer_clear() - let go
 * @layer:	empty afterwards
 */
void steplayer_clear(struct steplayer *layer);

static inline void auto_steplayer(struct steplayer *layer)
{
	steplayer_clear(layer);
}
