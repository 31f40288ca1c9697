/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fetch_request - what is asked of fetch.h, and what it brings
 */
#pragma once

#include <stddef.h>

#include "base/loop.h"
#include "base/str.h"
#include "engine/watch.h"
#include "oci/image.h"
#include "oci/reference.h"
#include "remote/client.h"

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
