/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ingest - copying a stream into a file while hashing it, inside cubby-layer
 */
#include "layer/ingest.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "layer/digest.h"
#include "layer/stream.h"

enum { SMALL = 64 << 10 };

/* A document is hashed in less time than a thread takes to start. */
static bool is_small(int from, int to, int flags, size_t *out_size)
{
	struct stat st;

	if (to >= 0 || flags || fstat(from, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > SMALL)
		return false;
	*out_size = (size_t)st.st_size;
	return lseek(from, 0, SEEK_CUR) == 0;
}

static int hash_small(int from, size_t size, struct layer_digest *out, struct err *err)
{
	AUTO(digest) struct digest *digest = digest_new();
	AUTO(mem) char *text = mem_alloc(size + 1, 1);
	const ssize_t n = pread(from, text, size, 0);

	if (n < 0 || (size_t)n != size)
		return err_sys(err, n < 0 ? -errno : -ESTALE, "cannot read the stream");
	digest_add(digest, text, size);
	*out = (struct layer_digest){ .digest = digest_text(digest), .size = n };
	return 0;
}

int ingest_stream(int from, int to, int flags, struct layer_digest *out, struct err *err)
{
	bool inside = flags & LAYER_INSIDE;
	bool tee = inside && to >= 0;
	const struct stream_plan plan = {
		.blob = from,
		.more = -1,
		.flags = STREAM_HASH | STREAM_AT_PLACE | (tee ? STREAM_TEE : 0) |
			 (inside ? STREAM_HASH_BLOB : 0) |
			 (flags & (LAYER_INSIDE | LAYER_INFLATE) ? STREAM_RATIO : STREAM_PLAIN),
		.tee = to,
	};
	AUTO(stream) struct stream *stream = NULL;
	AUTO(stream_sums) struct stream_sums sums = { 0 };
	const void *data;
	size_t size;
	ssize_t n;

	if (is_small(from, to, flags, &size))
		return hash_small(from, size, out, err);
	int r = stream_new(&plan, &stream, err);
	if (r < 0)
		return r;
	while ((n = stream_next(stream, &data, err)) > 0) {
		r = to < 0 || tee ? 0 : fd_write_all(to, data, (size_t)n);
		if (r < 0)
			return err_sys(err, r, "cannot write the blob");
	}
	r = n < 0 ? (int)n : stream_finish(stream, &sums, err);
	if (r < 0)
		return r;
	if (flags & LAYER_SYNC && to >= 0 && fsync(to) < 0)
		return err_sys(err, -errno, "cannot write the blob to disk");
	if (!inside) {
		*out = (struct layer_digest){ .digest = take_ptr(sums.plain),
					      .size = sums.plain_size };
		return 0;
	}
	*out = (struct layer_digest){
		.digest = take_ptr(sums.blob),
		.size = sums.blob_size,
		.inside = take_ptr(sums.plain),
		.inside_size = sums.plain_size,
		.compression = take_ptr(sums.kind),
	};
	return 0;
}
