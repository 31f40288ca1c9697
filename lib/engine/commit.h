/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * commit - an image from a container
 *
 * The new layer is packed once, from the container's upper folder straight into the blob that the image
 * keeps, and unpacked from there as every layer is: no other copy is made.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/commit_config.h"
#include "engine/engine.h"

enum commit_pause {
	COMMIT_PAUSE_NO,
	COMMIT_PAUSE_IF_POSSIBLE, /* a warning where it cannot be */
	COMMIT_PAUSE_YES,
};

struct commit_options {
	const char *name; /* as typed, or NULL for an image without a name */
	struct commit_changes changes;
	enum commit_pause pause; /* while the files of one that runs are read */
	bool squash;		 /* one layer with everything, none of the image's */
	bool docker;		 /* docker's documents in place of OCI's */
};

/**
 * container_commit() - make an image
 * @engine:	the engine
 * @id:		full id of the container
 * @options:	what the command line says
 * @out_id:	hex of the config's digest, to be freed; set on success only
 * @err:	what is wrong with the name or a change, or which file could not be read
 *
 * The image is on disk when this returns. A container without an image (--rootfs) gives one layer.
 *
 * Return: 0; -EINVAL for options; -ENOENT when the container's image is not there any more; otherwise a
 * negative errno.
 */
must_check int container_commit(struct engine *engine, const char *id,
				const struct commit_options *options, char **out_id,
				struct err *err);
