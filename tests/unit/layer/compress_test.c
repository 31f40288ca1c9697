/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compress_test - blobs compressed for registries hold what they held
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "layer/client.h"
#include "layer/compress.h"
#include "layer/ingest.h"

enum { PLAIN = 3 << 20 };

/* Bytes that compress somewhat. */
static int make_plain(void)
{
	int fd = memfd_create("plain", MFD_CLOEXEC);
	AUTO(mem) unsigned char *bytes = mem_alloc(PLAIN, 1);
	uint32_t x = 1;

	for (size_t i = 0; i < PLAIN; i++) {
		x = x * 1103515245 + 12345;
		bytes[i] = (unsigned char)(x >> 16 & 0x3f);
	}
	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, bytes, PLAIN), 0);
	return fd;
}

static int compress(int from, int packing, int level, int more, int *out,
		    struct layer_digest *digest)
{
	AUTO(err) struct err err = { 0 };
	const struct layer_compress req = { .blob = from,
					    .out = *out = memfd_create("packed", MFD_CLOEXEC),
					    .more = more,
					    .packing = packing,
					    .level = level };

	return compress_blob(&req, digest, &err);
}

/* What it is compressed to inflates to what it was, and its digest is told right. */
static void check(int packing, int level, const char *name)
{
	AUTO(fd) int plain = make_plain();
	AUTO(fd) int packed = -1;
	AUTO(layer_digest) struct layer_digest digest = { 0 }, seen = { 0 };
	AUTO(err) struct err err = { 0 };

	assert_int_equal(compress(plain, packing, level, -1, &packed, &digest), 0);
	assert_int_equal(lseek(packed, 0, SEEK_SET), 0);
	assert_int_equal(ingest_stream(packed, -1, LAYER_INSIDE, &seen, &err), 0);
	assert_string_equal(seen.digest, digest.digest);
	assert_string_equal(seen.inside, digest.inside);
	assert_int_equal(seen.size, digest.size);
	assert_int_equal(digest.inside_size, PLAIN);
	assert_true(digest.size < PLAIN);
	assert_string_equal(seen.compression, name);
	assert_string_equal(digest.compression, name);
}

static void every_packing_holds_what_went_in(void **state)
{
	(void)state;
	check(LAYER_PACKED_GZIP, LAYER_LEVEL_DEFAULT, "gzip");
	check(LAYER_PACKED_ZSTD, LAYER_LEVEL_DEFAULT, "zstd");
	for (int level = 1; level <= 9; level++)
		check(LAYER_PACKED_GZIP, level, "gzip");
	check(LAYER_PACKED_ZSTD, 1, "zstd");
	check(LAYER_PACKED_ZSTD, 19, "zstd");
}

static void the_same_bytes_give_the_same_bytes(void **state)
{
	AUTO(fd) int plain = make_plain();
	(void)state;

	for (int packing = LAYER_PACKED_GZIP; packing <= LAYER_PACKED_ZSTD; packing++) {
		AUTO(fd) int first = -1, second = -1;
		AUTO(layer_digest) struct layer_digest a = { 0 }, b = { 0 };
		assert_int_equal(compress(plain, packing, 2, -1, &first, &a), 0);
		assert_int_equal(compress(plain, packing, 2, -1, &second, &b), 0);
		assert_string_equal(a.digest, b.digest);
	}
}

static void what_is_compressed_is_compressed_anew(void **state)
{
	AUTO(fd) int plain = make_plain();
	AUTO(fd) int gzip = -1, zstd = -1;
	AUTO(layer_digest) struct layer_digest a = { 0 }, b = { 0 };
	(void)state;

	assert_int_equal(compress(plain, LAYER_PACKED_GZIP, 1, -1, &gzip, &a), 0);
	assert_int_equal(compress(gzip, LAYER_PACKED_ZSTD, 1, -1, &zstd, &b), 0);
	assert_string_equal(a.inside, b.inside);
}

static void whoever_reads_along_is_told(void **state)
{
	AUTO(fd) int plain = make_plain();
	AUTO(fd) int packed = -1;
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	int ends[2];
	char bytes[64];
	(void)state;

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(compress(plain, LAYER_PACKED_GZIP, 1, ends[1], &packed, &digest), 0);
	assert_true(read(ends[0], bytes, sizeof bytes) > 1);
	fd_close(ends[0]);
	fd_close(ends[1]);
}

static void a_level_that_there_is_not_is_refused(void **state)
{
	AUTO(fd) int plain = make_plain();
	static const int wrong[][2] = { { LAYER_PACKED_GZIP, 0 },
					{ LAYER_PACKED_GZIP, 10 },
					{ LAYER_PACKED_ZSTD, 23 },
					{ 9, 1 } };
	(void)state;

	for (size_t i = 0; i < array_len(wrong); i++) {
		AUTO(fd) int packed = -1;
		AUTO(layer_digest) struct layer_digest digest = { 0 };
		assert_int_equal(compress(plain, wrong[i][0], wrong[i][1], -1, &packed, &digest),
				 -EINVAL);
	}
}

static void a_damaged_blob_is_told(void **state)
{
	AUTO(fd) int plain = make_plain();
	AUTO(fd) int gzip = -1, zstd = -1;
	AUTO(layer_digest) struct layer_digest a = { 0 }, b = { 0 };
	(void)state;

	assert_int_equal(compress(plain, LAYER_PACKED_GZIP, 1, -1, &gzip, &a), 0);
	assert_int_equal(ftruncate(gzip, a.size / 2), 0);
	assert_int_equal(compress(gzip, LAYER_PACKED_ZSTD, 1, -1, &zstd, &b), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_packing_holds_what_went_in),
		cmocka_unit_test(the_same_bytes_give_the_same_bytes),
		cmocka_unit_test(what_is_compressed_is_compressed_anew),
		cmocka_unit_test(whoever_reads_along_is_told),
		cmocka_unit_test(a_level_that_there_is_not_is_refused),
		cmocka_unit_test(a_damaged_blob_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
