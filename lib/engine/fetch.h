/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fetch - bring the layers of an image: downloaded, hashed and unpacked at the same time
 *
 * All layers that are missing are fetched side by side. The registry helper writes each blob to its
 * partial file and hashes it; a layer helper reads the file as it grows, inflates, hashes and unpacks
 * under a temporary name. Only when size, digest and diff id all match do blob and layer get their
 * names. There are as many layer helpers as processors, at least two; the largest layers go first.
 *
 * Who fetches what. The holder of LOCK_LAYER unpacks the layer, the holder of LOCK_BLOB downloads the
 * blob. A layer that another process holds is left for the end: then that lock is waited for,
 * shared, while no exclusive one is held, so no two processes wait for each other; if the layer is not
 * there after that, its owner died, and it is fetched here, from where the partial file ends. A layer
 * that is there stays locked, shared, until the caller has entered the image.
 *
 * Keys. A layer is found under its diff id, or, when what it unpacks to leans on the layers below,
 * under a key that hashes all diff ids from the lowest to its own.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"
#include "engine/fetch_request.h"

/**
 * fetch_layers() - bring all layers
 * @engine:	the engine
 * @request:	what and from where
 * @out:	zeroed; to be released with fetched_clear after the image is entered
 * @err:	which layer failed, and why
 *
 * On failure nothing is left but finished layers and partial blobs, for the next one to go on with; what
 * asking again will not mend (fetch_hopeless()) leaves no partial blobs either.
 *
 * Return: 0; -EBADMSG when something does not match; -EINTR after SIGINT, SIGTERM or SIGHUP; otherwise
 * what remote_blob and layer_apply_finish say.
 */
must_check int fetch_layers(struct engine *engine, const struct fetch_request *request,
			    struct fetched *out, struct err *err);

/**
 * fetched_clear() - release the lists and let go of the locks
 * @fetched:	zeroed afterwards
 */
void fetched_clear(struct fetched *fetched);

static inline void auto_fetched(struct fetched *fetched)
{
	fetched_clear(fetched);
}
