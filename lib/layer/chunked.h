/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chunked - a layer as zstd:chunked: every file in a frame of its own, and where each one is
 *
 *	frames of the tar ┬ headers (of one or many entries), padding
 *			  └ a file's content
 *	skippable frame	    the table of contents, compressed		layer/toc.h
 *	skippable frame	    the tar's bytes beside the contents, likewise	layer/tarsplit.h
 *	skippable frame	    FOOTER bytes: numbers of 64 bits, little-endian:
 *			    toc offset, bytes, plain bytes, type (1), tar-split offset, bytes, plain bytes, "GNUlInUx"
 *
 *   (1) decompressed as zstd it is the tar, byte for byte; skippable frames hold nothing;
 *   (2) the content of a file that is not empty is exactly one frame;
 *   (3) offsets are of the bytes inside a skippable frame, behind its head of eight;
 *   (4) a layer that a table cannot tell of (layer/toc.h: a name twice, sparse files, names that are no UTF-8), or
 *       whose table is beyond CHUNKED_TABLE_MAX, has frames alone, and no notes: it is a layer of plain zstd.
 *
 * Memory is bounded by the stream's ring, CHUNKED_TABLE_MAX and the names. Linked by cubby-layer only.
 * Source: github.com/containers/storage, pkg/chunked.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "layer/deflate.h"
#include "layer/stream.h"

enum { CHUNKED_TABLE_MAX = 150 << 20 }; /* bytes; readers take no larger table */

/**
 * chunked_stream() - write a tar
 * @stream:	the tar's bytes; read to the end, stream_finish() may follow
 * @deflate:	of LAYER_PACKED_CHUNKED; deflate_finish() may follow
 * @out_notes:	"key=value": annotations that readers find the table by; none with (4)
 * @err:	what is wrong with the tar
 *
 * Return: 0; -EBADMSG when it is no tar or damaged; otherwise a negative errno.
 */
must_check int chunked_stream(struct stream *stream, struct deflate *deflate,
			      struct strv *out_notes, struct err *err);
