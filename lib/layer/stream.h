/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stream - inflating, hashing and using the bytes of a blob at the same time
 *
 *	blob ─▶ [thread: read, inflate] ─▶ ring of blocks ─┬▶ [thread: hash]
 *							    └▶ caller (stream_next)
 *
 * A block is filled again when both the hash and the caller are done with it, so memory is bounded
 * by the ring. Whoever fails stops the others. Linked by cubby-layer only.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum stream_flags {
	STREAM_HASH = 1 << 0,	   /* the plain bytes */
	STREAM_HASH_BLOB = 1 << 1, /* the bytes of the blob */
	STREAM_RATIO = 1 << 2,	   /* keep to LAYER_RATIO */
	STREAM_AT_PLACE = 1 << 3,  /* read from where the descriptor stands; set for pipes */
	STREAM_PLAIN = 1 << 4,	   /* nothing is inflated */
	STREAM_TEE = 1 << 5,	   /* the bytes of the blob are written to .tee as they come */
};

struct stream_plan {
	int blob;	   /* stays the caller's until stream_free */
	int more;	   /* as in struct layer_apply; likewise */
	int flags;	   /* enum stream_flags */
	int tee;	   /* file; likewise */
	int64_t max_bytes; /* plain bytes that are allowed; 0 for LAYER_TAR_MAX */
};

struct stream_sums {
	char *plain; /* sha256:HEX, or NULL when not asked for */
	char *blob;  /* likewise */
	char *kind;  /* as inflate_kind() */
	int64_t plain_size;
	int64_t blob_size;
};

struct stream;

/**
 * stream_new() - start the threads
 * @plan:	copied
 * @out:	to be released with stream_free; set on success only
 * @err:	what the kernel refused
 *
 * Return: 0 or a negative errno.
 */
must_check int stream_new(const struct stream_plan *plan, struct stream **out, struct err *err);

/**
 * stream_free() - stop the threads, wherever they are
 * @stream:	may be NULL
 */
void stream_free(struct stream *stream);

DEFINE_AUTO_PTR(stream, struct stream, stream_free)

/**
 * stream_next() - the next plain bytes
 * @stream:	running
 * @out:	the bytes, valid until the next call; set on success only
 * @err:	what is wrong with the blob
 *
 * Return: how many bytes, 0 at the end; -EBADMSG, -EFBIG; otherwise what the kernel said.
 */
must_check ssize_t stream_next(struct stream *stream, const void **out, struct err *err);

/**
 * stream_finish() - read to the end and tell the sums
 * @stream:	running; nothing but stream_free may follow
 * @out:	to be released with stream_sums_clear; set on success only
 * @err:	what is wrong with the blob
 *
 * Return: 0; as stream_next() otherwise.
 */
must_check int stream_finish(struct stream *stream, struct stream_sums *out, struct err *err);

/**
 * stream_sums_clear() - release the sums
 * @sums:	empty afterwards
 */
void stream_sums_clear(struct stream_sums *sums);

static inline void auto_stream_sums(struct stream_sums *sums)
{
	stream_sums_clear(sums);
}
