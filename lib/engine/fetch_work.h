/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fetch_work - one layer on its way, for fetch.c
 *
 *	TODO ──▶ ACTIVE ──▶ FIXUP ──▶ DONE
 *	  ▲        │ (deferred entries wait for the lower layers)
 *	  │        └─▶ TODO: what was there of the blob, or came from a mirror, was wrong; FETCH_MAX_AGAIN times
 *	ELSEWHERE: another process holds the layer;  TWIN: the image has it twice
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "engine/engine.h"
#include "engine/fetch_request.h"
#include "engine/unpack.h"
#include "layer/client.h"
#include "store/blob.h"
#include "store/temp.h"

enum work_stage { WORK_TODO, WORK_ACTIVE, WORK_FIXUP, WORK_DONE, WORK_ELSEWHERE, WORK_TWIN };

struct fetch;
struct work;

/* One layer helper, started when it is first needed. */
struct slot {
	struct fetch *fetch;
	struct layer_helper *helper;
	struct source *source; /* while it is at work */
	struct work *work;
};

struct work {
	struct fetch *fetch;
	size_t index; /* in the manifest */
	const struct descriptor *blob;
	const char *diff; /* hex */
	struct work *twin;
	enum work_stage stage;
	int lock;     /* LOCK_LAYER of the diff id, or -1 */
	int key_lock; /* LOCK_LAYER of the key where that is another */

	/* where the bytes are */
	struct blob_tmp *tmp; /* being fetched */
	int file;	      /* in the store already, or -1 */
	int more;	      /* pipe: the file has grown; or -1 */
	struct remote_job *job;
	bool fetched; /* all bytes are in the file, and right unless .file */
	int again;    /* how often it was begun again */
	int waited;   /* how often for others */

	/* where they go to */
	struct temp *temp;
	int diff_dir;
	int journal;
	struct slot *slot;
	bool applied;
	struct layer_applied result;
	struct err late; /* of unpacking, told when the bytes turn out to be right */

	char *key; /* once known */
};

struct fetch {
	struct engine *engine;
	const struct fetch_request *request;
	const struct identity_plan *identity;
	char *map;
	struct unpacker *unpacker; /* once needed */
	struct work *works;
	size_t count;
	struct slot *slots;
	size_t slot_count;
	struct watch_layer *seen;
	struct fetched *out;
	struct err err; /* the first failure */
};

/**
 * work_find() - look whether the layer is there
 * @work:	WORK_TODO
 * @helper:	for keys of layers that lean; NULL looks under the diff id only
 * @err:	why the helper failed
 *
 * Return: 1 and WORK_DONE when it is, 0 when not, or a negative errno.
 */
must_check int work_find(struct work *work, struct layer_helper *helper, struct err *err);

/**
 * work_claim() - find the layer, or get the right to unpack it
 * @work:	WORK_TODO, WORK_ELSEWHERE
 * @err:	what the kernel said
 *
 * Afterwards it is WORK_DONE (locked, shared), WORK_TODO (locked), or WORK_ELSEWHERE.
 *
 * Return: 0 or a negative errno.
 */
must_check int work_claim(struct work *work, struct err *err);

/**
 * work_release() - let go of the locks of a layer that is there
 * @work:	WORK_DONE
 *
 * Whoever waits for a lock holds none, so that nobody waits for each other.
 */
void work_release(struct work *work);

/**
 * work_reclaim() - lock it again
 * @work:	released
 * @err:	what the kernel said
 *
 * Return: 0; it is WORK_DONE again, or as work_claim() leaves it when the layer has gone meanwhile.
 */
must_check int work_reclaim(struct work *work, struct err *err);

/**
 * work_begin() - open the bytes, or begin to fetch them
 * @work:	WORK_TODO; WORK_ACTIVE afterwards
 * @mode:	LOCK_TRY, or 0 to wait for another who fetches the blob
 * @done:	called when the bytes are here
 * @grown:	called when there are more
 * @err:	what failed
 *
 * Return: 0; -EAGAIN with LOCK_TRY; otherwise a negative errno.
 */
must_check int work_begin(struct work *work, int mode, remote_done_fn done,
			  remote_progress_fn grown, struct err *err);

/**
 * work_unpack() - let a helper begin to unpack
 * @work:	WORK_ACTIVE
 * @helper:	without a request under way
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int work_unpack(struct work *work, struct layer_helper *helper, struct err *err);

/**
 * work_check() - whether everything that came is what the image says
 * @work:	fetched and applied
 * @err:	what does not match
 *
 * Return: 0; -ESTALE when a blob of the store is damaged; -EBADMSG.
 */
must_check int work_check(struct work *work, struct err *err);

/**
 * work_commit() - give blob and layer their names
 * @work:	checked, with what leans fixed up
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int work_commit(struct work *work, struct err *err);

/**
 * work_reset() - throw away what came, but for the partial blob
 * @work:	WORK_TODO afterwards, still locked; its helper must be idle or gone
 */
void work_reset(struct work *work);

/**
 * work_clear() - let go of everything but the locks, which go to @fetch->out
 * @work:	done or not
 */
void work_clear(struct work *work);
