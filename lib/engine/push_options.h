/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * push_options - how the command line says that images are to be pushed
 */
#pragma once

#include <stdbool.h>

#include "engine/registry.h"
#include "engine/watch.h"

enum push_format { PUSH_FORMAT_AS_IT_IS, PUSH_FORMAT_OCI, PUSH_FORMAT_DOCKER };

enum { PUSH_LEVEL_DEFAULT = -1 };

struct push_options {
	struct registry_access registry;
	const char *platform; /* that the image must be for, or NULL */
	int format;	      /* enum push_format */
	const char *
		packing; /* "gzip", "zstd", "zstd:chunked", or NULL: gzip for what is not compressed */
	int level;	 /* of the compression, or PUSH_LEVEL_DEFAULT */
	bool force;	 /* compress anew what is compressed in another way */
	const struct watch *watch; /* or NULL */
};
