/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * buildcache - what steps of builds came to: build/cache/HEX.json
 *
 *   (1) HEX is a digest over all that a step sees: what it builds upon, the instruction, the files that it
 *       reads. So a record is never wrong, only of no use any more;
 *   (2) a record is replaced whole; its file's time of change is that of its last use;
 *   (3) .below is the layer right below. A record holds only upon that one: a step that was done again may have
 *       given another layer under the same key;
 *   (4) build/active/NAME lists layers that a build holds, for as long as LOCK_BUILD "active:NAME" is held;
 *   (5) layers and blobs that records name stay in the store, until the records go (buildcache_remove).
 *
 * What a step found out that is no layer (the digest of files in another stage) is a record with .value.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

struct buildstep {
	char *key;	  /* hex; names the file */
	char *layer;	  /* key in store/layers.h; NULL when the step changed no file */
	char *diff_id;	  /* of it, "sha256:HEX" */
	int64_t tar_size; /* of it, bytes */
	char *blob; /* digest of its packed form, which stays here with the record; NULL: it is packed again */
	char *blob_type;   /* media type of that */
	int64_t blob_size; /* bytes of it */
	char *below;	   /* key of the layer below; NULL for the lowest */
	char *value;	   /* or NULL */
	char *created;	   /* RFC 3339: when it was done */
	char *text;	   /* what was done, to show */
	int64_t used;	   /* ns since the epoch: its last use; filled in on loading */
};

struct buildsteps {
	struct buildstep *items;
	size_t count;
};

/**
 * buildcache_find() - look a step up
 * @store:	open store
 * @key:	hex
 * @out:	to be released with buildstep_free; set on success only
 *
 * Takes no lock. That it was used is noted.
 *
 * Return: 0; -ENOENT, also for a record that cannot be read.
 */
must_check int buildcache_find(const struct store *store, const char *key, struct buildstep **out);

/**
 * buildcache_save() - remember a step
 * @store:	open store
 * @step:	as it went; its layer need not be there yet
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int buildcache_save(const struct store *store, const struct buildstep *step,
			       struct err *err);

/**
 * buildcache_list() - all records
 * @store:	open store
 * @out:	added at the end, in no order; damaged ones are left out; to be released with buildsteps_clear
 *
 * Return: 0 or a negative errno.
 */
must_check int buildcache_list(const struct store *store, struct buildsteps *out);

/**
 * buildcache_hold() - keep layers that a build stands upon, whatever becomes of their image
 * @store:	open store
 * @layers:	keys; the caller holds LOCK_IMAGES, shared
 * @out_lock:	until it is closed, or this process ends, they stay; set on success only
 * @err:	what the kernel said
 *
 * No lock of the layers themselves is held: who unpacks them for another image would wait for the build.
 *
 * Return: 0 or a negative errno.
 */
must_check int buildcache_hold(const struct store *store, const struct strv *layers, int *out_lock,
			       struct err *err);

/**
 * buildcache_layers() - the layers that records name, and those that builds hold
 * @store:	open store
 * @out:	keys are added, each once
 */
void buildcache_layers(const struct store *store, struct strv *out);

/**
 * buildcache_blobs() - the blobs that records name
 * @store:	open store
 * @out:	digests are added
 */
void buildcache_blobs(const struct store *store, struct strv *out);

/**
 * buildcache_remove() - forget a step
 * @store:	open store
 * @key:	hex
 *
 * Its layer is left to whoever removes layers that nobody needs.
 *
 * Return: 0, also when it is not there; otherwise what the kernel said.
 */
must_check int buildcache_remove(const struct store *store, const char *key);

/**
 * buildstep_free() - release
 * @step:	may be NULL
 */
void buildstep_free(struct buildstep *step);

DEFINE_AUTO_PTR(buildstep, struct buildstep, buildstep_free)

/**
 * buildsteps_clear() - release all
 * @steps:	empty afterwards
 */
void buildsteps_clear(struct buildsteps *steps);

static inline void auto_buildsteps(struct buildsteps *steps)
{
	buildsteps_clear(steps);
}
