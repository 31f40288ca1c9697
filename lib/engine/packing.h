/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * packing - what a container has changed of its layers, as a tar
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "engine/engine.h"
#include "layer/client.h"
#include "store/container.h"

struct packing {
	struct engine *engine;
	const struct container_config *config; /* of the container */
	int dir;			       /* its upper folder, or its root */
	int out;			       /* as in struct layer_pack */
	int kind;			       /* likewise, and so are the next ones */
	int flags;
	int64_t time;
	const struct layer_owners *owners;
	const struct strv *mounted; /* more that was made to be mounted upon; or NULL */
	const struct strv *undone; /* paths where nothing has changed, whatever was done; or NULL */
	struct layer_helper *helper; /* idle, root of the user namespace; NULL: one is started */
};

/**
 * packing_do() - pack it; without a helper to be called in a child of outer_run() with ROOT_NAMESPACES
 * @packing:	what and how
 * @out:	digest and size of the tar; to be released with layer_digest_clear; set on success only
 * @err:	which file could not be read
 *
 * Layers that are single files are mounted over the root that the child has opened, which is not needed by its
 * name any more; with a helper they are refused.
 *
 * Return: 0; -EXDEV for such a layer with a helper; otherwise a negative errno.
 */
must_check int packing_do(const struct packing *packing, struct layer_digest *out, struct err *err);
