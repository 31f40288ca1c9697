/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compress - a blob packed as registries want it, inside cubby-layer
 *
 * Reading, inflating and hashing the plain bytes are the stream's threads; compressing is this one.
 */
#include "layer/compress.h"

#include "base/str.h"
#include "layer/chunked.h"
#include "layer/deflate.h"
#include "layer/stream.h"

static const char *const packing_names[] = {
	[LAYER_PACKED_GZIP] = "gzip",
	[LAYER_PACKED_ZSTD] = "zstd",
	[LAYER_PACKED_CHUNKED] = "zstd",
};

static int deflate_stream(struct deflate *deflate, struct stream *stream, struct stream_sums *sums,
			  struct err *err)
{
	const void *data;
	ssize_t n;

	while ((n = stream_next(stream, &data, err)) > 0) {
		int r = deflate_add(deflate, data, (size_t)n, err);
		if (r < 0)
			return r;
	}
	return n < 0 ? (int)n : stream_finish(stream, sums, err);
}

static int chunk_stream(struct deflate *deflate, struct stream *stream, struct stream_sums *sums,
			struct strv *notes, struct err *err)
{
	int r = chunked_stream(stream, deflate, notes, err);

	return r < 0 ? r : stream_finish(stream, sums, err);
}

int compress_blob(const struct layer_compress *req, struct layer_digest *out, struct err *err)
{
	const struct stream_plan plan = { .blob = req->blob,
					  .more = -1,
					  .flags = STREAM_HASH | STREAM_RATIO };
	AUTO(deflate) struct deflate *deflate = NULL;
	AUTO(stream) struct stream *stream = NULL;
	AUTO(stream_sums) struct stream_sums sums = { 0 };
	AUTO(strv) struct strv notes = { 0 };

	int r = deflate_new(req, &deflate, err);
	if (r == 0)
		r = stream_new(&plan, &stream, err);
	if (r == 0)
		r = req->packing == LAYER_PACKED_CHUNKED
			    ? chunk_stream(deflate, stream, &sums, &notes, err)
			    : deflate_stream(deflate, stream, &sums, err);
	if (r == 0)
		r = deflate_finish(deflate, &out->digest, &out->size, err);
	if (r < 0)
		return r;
	out->inside = take_ptr(sums.plain);
	out->inside_size = sums.plain_size;
	out->compression = str_dup(packing_names[req->packing]);
	out->notes = notes;
	notes = (struct strv){ 0 };
	return 0;
}
