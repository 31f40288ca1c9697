/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inflate_test - every kind of compression, whole and damaged, also while the blob grows
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zstd.h>

#include "base/fd.h"
#include "base/str.h"
#include "layer/stream.h"

#define GZIP_HELLO                                                                                 \
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a"     \
	"\x36\x06\x00\x00\x00"
#define BZIP2_HELLO                                                                                \
	"\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\xc1\xc0\x80\xe2\x00\x00\x01\x41\x00\x00\x10\x02" \
	"\x44\xa0\x00\x30\xcd\x00\xc3\x46\x29\x97\x17\x72\x45\x38\x50\x90\xc1\xc0\x80\xe2"
/* with a field of its own, a name, a comment and a sum over all that */
#define GZIP_FIELDS                                                                                \
	"\x1f\x8b\x08\x1e\x00\x00\x00\x00\x00\xff\x05\x00\x65\x78\x74\x72\x61\x6e\x61\x6d\x65\x00" \
	"\x63\x6f\x6d\x6d\x65\x6e\x74\x00\xa8\x4f\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a\x36" \
	"\x06\x00\x00\x00"
#define SKIPPABLE "\x5a\x2a\x4d\x18\x05\x00\x00\x00skip!"

static int memory(const void *data, size_t size)
{
	int fd = memfd_create("blob", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, data, size), 0);
	return fd;
}

/* Inflates all; *out is the text, to be freed. Return: the result of stream_finish(). */
static int inflate_fd(int fd, int more, int flags, char **out, struct stream_sums *sums)
{
	const struct stream_plan plan = { .blob = fd, .more = more, .flags = flags };
	AUTO(stream) struct stream *stream = NULL;
	AUTO(strv) struct strv parts = { 0 };
	AUTO(err) struct err err = { 0 };
	const void *data;
	ssize_t n;

	assert_int_equal(stream_new(&plan, &stream, &err), 0);
	while ((n = stream_next(stream, &data, &err)) > 0)
		strv_take(&parts, str_ndup(data, (size_t)n));
	int r = n < 0 ? (int)n : stream_finish(stream, sums, &err);
	assert_int_equal(r, err.code);
	if (r == 0 && out)
		*out = parts.count ? str_join(&parts, "") : str_dup("");
	return r;
}

static int inflate_bytes(const void *data, size_t size, char **out, struct stream_sums *sums)
{
	AUTO(fd) int fd = memory(data, size);

	return inflate_fd(fd, -1, STREAM_HASH | STREAM_HASH_BLOB, out, sums);
}

static void expect(const void *data, size_t size, const char *kind, const char *text)
{
	AUTO(mem) char *out = NULL;
	AUTO(stream_sums) struct stream_sums sums = { 0 };

	assert_int_equal(inflate_bytes(data, size, &out, &sums), 0);
	assert_string_equal(out, text);
	assert_string_equal(sums.kind, kind);
	assert_int_equal(sums.plain_size, strlen(text));
	assert_int_equal(sums.blob_size, size);
}

static void expect_damaged(const void *data, size_t size)
{
	AUTO(stream_sums) struct stream_sums sums = { 0 };

	assert_int_equal(inflate_bytes(data, size, NULL, &sums), -EBADMSG);
}

static void the_kind_is_told_by_the_first_bytes(void **state)
{
	char packed[128];
	size_t n = ZSTD_compress(packed, sizeof packed, "hello\n", 6, 3);

	(void)state;
	expect("hello\n", 6, "none", "hello\n");
	expect("", 0, "none", "");
	expect("\x1f", 1, "none", "\x1f");
	expect(GZIP_HELLO, sizeof GZIP_HELLO - 1, "gzip", "hello\n");
	expect(BZIP2_HELLO, sizeof BZIP2_HELLO - 1, "bzip2", "hello\n");
	expect(packed, n, "zstd", "hello\n");
}

static void members_and_frames_follow_each_other(void **state)
{
	char frames[256];
	size_t n = ZSTD_compress(frames, sizeof frames, "hello\n", 6, 3);

	(void)state;
	expect(GZIP_HELLO GZIP_HELLO, 2 * (sizeof GZIP_HELLO - 1), "gzip", "hello\nhello\n");
	memcpy(frames + n, SKIPPABLE, sizeof SKIPPABLE - 1);
	memcpy(frames + n + sizeof SKIPPABLE - 1, frames, n);
	expect(frames, 2 * n + sizeof SKIPPABLE - 1, "zstd", "hello\nhello\n");
	memmove(frames + sizeof SKIPPABLE - 1, frames, n);
	memcpy(frames, SKIPPABLE, sizeof SKIPPABLE - 1);
	expect(frames, n + sizeof SKIPPABLE - 1, "zstd", "hello\n");
}

static void what_ends_early_is_damaged(void **state)
{
	char packed[128];
	size_t n = ZSTD_compress(packed, sizeof packed, "hello\n", 6, 3);

	(void)state;
	for (size_t i = 2; i < sizeof GZIP_HELLO - 1; i++)
		expect_damaged(GZIP_HELLO, i);
	for (size_t i = 4; i < n; i++)
		expect_damaged(packed, i);
	expect_damaged(BZIP2_HELLO, sizeof BZIP2_HELLO - 8);
	expect_damaged(GZIP_HELLO GZIP_HELLO, 2 * (sizeof GZIP_HELLO - 1) - 1);
}

static void wrong_sums_and_tails_are_damaged(void **state)
{
	char bytes[] = GZIP_HELLO;

	(void)state;
	for (size_t i = sizeof bytes - 1 - 8; i < sizeof bytes - 1; i++) {
		bytes[i] ^= 1;
		expect_damaged(bytes, sizeof bytes - 1);
		bytes[i] ^= 1;
	}
	expect_damaged(GZIP_HELLO "tail", sizeof GZIP_HELLO - 1 + 4);
}

static void both_digests_are_told(void **state)
{
	AUTO(stream_sums) struct stream_sums sums = { 0 };

	(void)state;
	assert_int_equal(inflate_bytes(GZIP_HELLO, sizeof GZIP_HELLO - 1, NULL, &sums), 0);
	assert_string_equal(sums.plain,
			    "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a"
			    "2e846f6be03");
	assert_true(str_starts(sums.blob, "sha256:") != NULL);
	assert_string_not_equal(sums.blob, sums.plain);
}

struct growth {
	int fd;
	int more;
};

static void *grow(void *data)
{
	const struct growth *g = data;
	static const char bytes[] = GZIP_HELLO;

	for (size_t i = 0; i < sizeof bytes - 1; i++) {
		if (write(g->fd, bytes + i, 1) != 1 || write(g->more, "", 1) != 1)
			return NULL;
	}
	close(g->more);
	return NULL;
}

static void a_blob_is_inflated_while_it_grows(void **state)
{
	int ends[2];
	pthread_t thread;
	AUTO(mem) char *out = NULL;
	AUTO(stream_sums) struct stream_sums sums = { 0 };
	AUTO(fd) int fd = memory("", 0);

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	struct growth g = { .fd = fd, .more = ends[1] };
	assert_int_equal(pthread_create(&thread, NULL, grow, &g), 0);
	assert_int_equal(inflate_fd(fd, ends[0], 0, &out, &sums), 0);
	pthread_join(thread, NULL);
	fd_close(ends[0]);
	assert_string_equal(out, "hello\n");
}

static void *drip(void *data)
{
	int to = *(int *)data;

	for (size_t i = 0; i < sizeof GZIP_FIELDS - 1; i++)
		assert_int_equal(write(to, &GZIP_FIELDS[i], 1), 1);
	close(to);
	return NULL;
}

static void a_header_may_come_byte_by_byte(void **state)
{
	AUTO(mem) char *out = NULL;
	AUTO(stream_sums) struct stream_sums sums = { 0 };
	pthread_t thread;
	int ends[2];

	(void)state;
	expect(GZIP_FIELDS, sizeof GZIP_FIELDS - 1, "gzip", "hello\n");
	/* One packet is one byte: a reader gets no more at once. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	AUTO(fd) int from = ends[0];
	assert_int_equal(pthread_create(&thread, NULL, drip, &ends[1]), 0);
	assert_int_equal(inflate_fd(from, -1, STREAM_HASH | STREAM_AT_PLACE, &out, &sums), 0);
	pthread_join(thread, NULL);
	assert_string_equal(out, "hello\n");
}

static void a_stream_that_waits_can_be_freed(void **state)
{
	int ends[2];
	AUTO(fd) int fd = memory(GZIP_HELLO, 5);

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	const struct stream_plan plan = { .blob = fd, .more = ends[0], .flags = STREAM_HASH };
	struct stream *stream = NULL;
	assert_int_equal(stream_new(&plan, &stream, NULL), 0);
	stream_free(stream);
	fd_close(ends[0]);
	fd_close(ends[1]);
}

static void a_bomb_is_stopped(void **state)
{
	enum { ZEROS = 64 << 20 };
	const struct stream_plan limit = { .more = -1, .max_bytes = 1 << 20 };
	AUTO(mem) char *zeros = mem_alloc(ZEROS, 1);
	AUTO(mem) char *packed = mem_alloc(ZEROS, 1);
	size_t n = ZSTD_compress(packed, ZEROS, zeros, ZEROS, 1);
	AUTO(fd) int fd = memory(packed, n);
	AUTO(stream) struct stream *stream = NULL;
	AUTO(stream_sums) struct stream_sums sums = { 0 };
	struct stream_plan plan = limit;

	(void)state;
	plan.blob = fd;
	assert_int_equal(stream_new(&plan, &stream, NULL), 0);
	assert_int_equal(stream_finish(stream, &sums, NULL), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kind_is_told_by_the_first_bytes),
		cmocka_unit_test(members_and_frames_follow_each_other),
		cmocka_unit_test(what_ends_early_is_damaged),
		cmocka_unit_test(wrong_sums_and_tails_are_damaged),
		cmocka_unit_test(both_digests_are_told),
		cmocka_unit_test(a_blob_is_inflated_while_it_grows),
		cmocka_unit_test(a_header_may_come_byte_by_byte),
		cmocka_unit_test(a_stream_that_waits_can_be_freed),
		cmocka_unit_test(a_bomb_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
