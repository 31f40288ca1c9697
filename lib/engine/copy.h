/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copy - files into and out of containers: `cp`
 *
 * One process, root of the outer user namespace, opens both ends and copies from descriptor to
 * descriptor: nothing passes through an archive, and nothing of the container runs, so it works for
 * one that runs, is paused, has ended, or never ran. Archives on the standard streams are read and
 * written by cubby-layer.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"

/* One end of a copy. */
struct copy_end {
	const char *container; /* full id; NULL for the host */
	const char *path;      /* in it; the host's is absolute */
};

enum copy_owners {
	COPY_OWNER_USER,   /* the user that the container's program runs as */
	COPY_OWNER_ROOT,   /* the container's root */
	COPY_OWNER_SAME,   /* the same person: what is the caller's is root's */
	COPY_OWNER_NUMBER, /* the same number */
};

struct copy_options {
	enum copy_owners owners; /* in a container; on the host all becomes the caller's, but for
				  * COPY_OWNER_SAME and _NUMBER */
	bool follow;		 /* a link is copied as what it leads to */
	bool replace;		 /* folders and other files replace each other */
};

/**
 * container_copy() - copy files
 * @engine:	the engine
 * @from:	what; with the path NULL an archive on the standard input
 * @to:		where to; with the path NULL an archive on the standard output
 * @options:	how
 * @err:	names the path
 *
 * One end at least is a container.
 *
 * Return: 0; -ENOENT; -EISDIR and -ENOTDIR where folders and other files would replace each other; -EBADMSG for the
 * archive; otherwise a negative errno.
 */
must_check int container_copy(struct engine *engine, const struct copy_end *from,
			      const struct copy_end *to, const struct copy_options *options,
			      struct err *err);
