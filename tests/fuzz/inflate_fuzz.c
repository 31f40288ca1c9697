/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inflate_fuzz - any bytes as a compressed stream, whole or arriving in pieces
 *
 * The first byte is how much has arrived when the reader begins. Both ways must bring the same.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "layer/stream.h"

enum { MAX_PLAIN = 8 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int drain(int blob, int more, struct stream_sums *out)
{
	const struct stream_plan plan = { .blob = blob,
					  .more = more,
					  .flags = STREAM_HASH | STREAM_HASH_BLOB,
					  .max_bytes = MAX_PLAIN };
	AUTO(stream) struct stream *stream = NULL;
	AUTO(err) struct err err = { 0 };
	const void *part;
	ssize_t n = 1;

	int r = stream_new(&plan, &stream, &err);
	while (r == 0 && n > 0)
		n = stream_next(stream, &part, &err);
	if (r == 0)
		r = n < 0 ? (int)n : stream_finish(stream, out, &err);
	bug_unless(r == 0 || err.text);
	return r;
}

struct arrival {
	int blob;
	int more; /* closed at the end */
	const char *bytes;
	size_t size;
};

static void *arrive(void *data)
{
	const struct arrival *a = data;

	bug_unless(fd_write_all(a->blob, a->bytes, a->size) == 0);
	(void)!write(a->more, "", 1); /* nobody reads it any more when the bytes were wrong */
	close(a->more);
	return NULL;
}

static int in_pieces(const char *bytes, size_t size, size_t first, struct stream_sums *out)
{
	AUTO(fd) int blob = memfd_create("blob", MFD_CLOEXEC);
	pthread_t thread;
	int ends[2];

	bug_unless(blob >= 0 && pipe2(ends, O_CLOEXEC) == 0);
	AUTO(fd) int more = ends[0];
	first = first * size / UINT8_MAX;
	bug_unless(fd_write_all(blob, bytes, first) == 0);
	struct arrival rest = { blob, ends[1], bytes + first, size - first };
	bug_unless(pthread_create(&thread, NULL, arrive, &rest) == 0);
	int r = drain(blob, more, out);
	pthread_join(thread, NULL);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(stream_sums) struct stream_sums whole = { 0 };
	AUTO(stream_sums) struct stream_sums pieces = { 0 };

	if (size < 1)
		return 0;
	AUTO(fd) int blob = memfd_create("blob", MFD_CLOEXEC);
	bug_unless(blob >= 0 && fd_write_all(blob, (const char *)data + 1, size - 1) == 0);
	int r = drain(blob, -1, &whole);
	if (data[0] & 1)
		return 0;
	bug_unless(in_pieces((const char *)data + 1, size - 1, data[0], &pieces) == r);
	bug_unless(r < 0 || str_eq(whole.plain, pieces.plain));
	return 0;
}
