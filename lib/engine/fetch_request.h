/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fetch_request - what is asked of fetch.h, and what it brings
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/loop.h"
#include "base/str.h"
#include "engine/watch.h"
#include "oci/image.h"
#include "oci/reference.h"
#include "remote/client.h"

/* How often a blob is begun again when what was here, or came from a mirror, was wrong. */
enum { FETCH_MAX_AGAIN = 4 };

struct fetch_request {
	struct remote *remote;
	struct loop *loop; /* of @remote */
	const struct reference *ref;
	const struct manifest *manifest;
	const struct image_config *config;
	const struct watch *watch; /* or NULL */
};

struct fetched {
	struct strv keys;  /* of all layers, lowest first */
	struct strv blobs; /* digests of those that arrived now */
	struct strv fresh; /* keys of those that were unpacked now */
	int *locks;	   /* held until fetched_clear() */
	size_t lock_count;
};

/**
 * fetch_hopeless() - whether an image cannot be had, however often it is asked for
 * @code:	negative errno
 *
 * Return: true when what came is wrong, too large, or needs ids that are not there.
 */
static inline bool fetch_hopeless(int code)
{
	return code == -EBADMSG || code == -EFBIG || code == -EOVERFLOW || code == -ENOTSUP;
}
