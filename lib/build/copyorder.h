/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copyorder - what copyin.h is asked for, and what it tells
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layer/client.h"

enum copyin_flags {
	COPYIN_KEEP_OWNERS = 1 << 0, /* without .chown: as in the source; else 0:0 */
	COPYIN_ONE_ID = 1 << 1,	     /* there is one id: what belongs to others becomes root's */
	COPYIN_UNPACK = 1 << 2,	     /* ADD: archives are unpacked into the destination */
	COPYIN_SEVERAL = 1 << 3, /* the instruction has several sources: .dest must be a folder */
};

#define COPYIN_NO_EPOCH INT64_MIN

struct copyin {
	int root;	     /* descriptor of the root; may be O_PATH */
	const char *workdir; /* in the root; NULL is "/" */
	const char *dest;    /* as the Dockerfile has it, variables expanded */
	const char *chown;   /* user[:group], or NULL */
	const char *chmod;   /* as chmod_check() takes it, or NULL */
	int accounts;  /* root whose passwd and group know names; -1: .root (differs with --link) */
	int64_t epoch; /* SOURCE_DATE_EPOCH in ns since the epoch, or COPYIN_NO_EPOCH */
	unsigned int flags;	     /* enum copyin_flags */
	struct layer_helper *helper; /* with COPYIN_UNPACK: idle, of the same user namespace */
};

struct copyin_result {
	int64_t entries;  /* written */
	int64_t bytes;	  /* of contents */
	bool owners_lost; /* with COPYIN_ONE_ID: somebody else's became root's */
	char *changed; /* a file that is not what was selected any more, the first; a cache key made of the
			* selection does not tell of what was copied */
};

/* A here-document. */
struct copyin_text {
	const char *name; /* without '/' */
	const char *data;
	size_t size;
};
