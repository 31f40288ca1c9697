/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * buildprune - what builds keep to be faster the next time, taken away
 *
 * The oldest use goes first. A layer that an image or a container needs stays, and only the record of the step goes. The
 * folders of RUN --mount=type=cache go as a whole, where no build is at work.
 *
 * Where no size is given everything goes, else no more than the sizes ask for: what is kept may be .keep_bytes at
 * most, the store's disk has .free_bytes afterwards if that can be, and .reserved_bytes stay in any case.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/engine.h"
#include "store/buildcache.h"

struct buildprune_options {
	int64_t keep_bytes;	/* of layers that only the cache needs; 0: not asked for */
	int64_t free_bytes;	/* likewise */
	int64_t reserved_bytes; /* likewise */
	int64_t before;		/* ns since the epoch: what was used later stays; 0: nothing does */
	bool mounts;		/* the folders of caches, too */
	bool only_mounts;	/* those alone */
};

/* A record that is gone. */
struct buildpruned_step {
	char *key, *text;
	char *created; /* RFC 3339 */
	int64_t used;  /* ns since the epoch */
	int64_t bytes; /* that its layer took, where that is gone */
};

struct buildpruned {
	struct buildpruned_step *items;
	size_t count;
	int64_t bytes; /* of all of them, and of the folders */
};

/**
 * buildprune() - remove what is not used
 * @engine:	the engine
 * @options:	what
 * @out:	to be released with buildpruned_clear; added to, also on failure
 * @err:	that a build is at work, or what failed
 *
 * Return: 0; -EBUSY while a build is at work; otherwise a negative errno.
 */
must_check int buildprune(struct engine *engine, const struct buildprune_options *options,
			  struct buildpruned *out, struct err *err);

/**
 * buildprune_settle() - keep the cache as small as cubby.conf wants it, after a build that did something
 * @engine:	the engine; the caller has no build under way
 *
 * While other builds are at work it is left to the last of them.
 */
void buildprune_settle(struct engine *engine);

/**
 * buildprune_bytes() - how much the cache alone needs
 * @engine:	the engine
 * @out_count:	of records; may be NULL
 *
 * Return: bytes of layers that neither image nor container needs, and of the folders of caches.
 */
int64_t buildprune_bytes(struct engine *engine, int64_t *out_count);

/**
 * buildpruned_clear() - release
 * @pruned:	empty afterwards
 */
void buildpruned_clear(struct buildpruned *pruned);

static inline void auto_buildpruned(struct buildpruned *pruned)
{
	buildpruned_clear(pruned);
}
