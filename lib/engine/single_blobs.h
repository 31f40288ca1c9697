/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * single_blobs - the blobs that a single file is made of
 *
 * Each is in the store, or fetched several at a time while others are read (single_fetch.c). A blob that two
 * layers have is fetched once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "engine/fetch.h"
#include "engine/unpack.h"

/* One layer's blob. */
struct part {
	struct maker *maker;
	size_t index;
	const struct descriptor *blob;
	const char *diff_id;
	struct blob_tmp *tmp; /* being fetched here, or has been */
	struct remote_job *job;
	int more; /* pipe of a growing blob */
	bool here;
	bool read;	   /* by the helper that runs */
	int again;	   /* how often it was begun again */
	struct part *twin; /* the same blob above it */
};

struct maker {
	struct engine *engine;
	const struct fetch_request *request;
	struct fetched *out;
	struct part *parts;
	struct watch_layer *seen;
	size_t count;
	struct unpacker *unpacker;
	struct layer_helper *helper;
	bool restart; /* what a helper has read was wrong */
	bool all;     /* nothing is passed over */
	struct err err;
};

/**
 * maker_fail() - let the file not be made
 * @m:		keeps the first reason; its loop stops
 * @err:	empty afterwards
 */
void maker_fail(struct maker *m, struct err *err);

/**
 * part_tell() - say how far a layer is
 * @p:		the layer's
 * @state:	shown from now on
 */
void part_tell(struct part *p, enum watch_state state);

/**
 * blob_claim() - find a blob in the store, or take it to be fetched
 * @p:		its here is set, or its tmp; waits for others who fetch the same
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int blob_claim(struct part *p, struct err *err);

/**
 * blobs_claim() - the same for all layers
 * @m:		its parts are filled in
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int blobs_claim(struct maker *m, struct err *err);

/**
 * blobs_start() - fetch what is missing, some at a time
 * @m:		its loop serves them; goes on by itself as they arrive
 */
void blobs_start(struct maker *m);
