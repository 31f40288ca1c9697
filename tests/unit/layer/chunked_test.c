/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chunked_test - layers written as zstd:chunked are the tar, and say where its files are
 *
 * Numbers in brackets are the invariants of layer/chunked.h, layer/toc.h and layer/tarsplit.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "layer/client.h"
#include "layer/compress.h"
#include "layer/digest.h"
#include "layer/ingest.h"
#include "layer/tarsplit.h"
#include "oci/base64.h"
#include "tarmake.h"

#define NOTE "io.github.containers.zstd-chunked."

enum { LARGE = 3 << 20, HEAD = 8, NUMBERS = 7, FOOTER = 64 };

struct chunked {
	unsigned char *data;
	int64_t size;
	uint64_t numbers[NUMBERS];
	struct layer_digest digest;
	char *toc_text, *split;
	size_t split_size;
	cJSON *toc;
};

static void auto_chunked(struct chunked *c)
{
	free(c->data);
	free(c->toc_text);
	free(c->split);
	cJSON_Delete(c->toc);
	layer_digest_clear(&c->digest);
}

static int memory(const void *data, size_t size)
{
	int fd = memfd_create("bytes", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, data, size), 0);
	return fd;
}

static int try_pack(const struct tarmake *t, int level, struct chunked *out)
{
	AUTO(fd) int tar = memory(t->data, t->size);
	AUTO(fd) int to = memfd_create("packed", MFD_CLOEXEC);
	AUTO(err) struct err err = { 0 };
	const struct layer_compress req = {
		.blob = tar, .out = to, .more = -1, .packing = LAYER_PACKED_CHUNKED, .level = level
	};

	int r = compress_blob(&req, &out->digest, &err);
	if (r < 0)
		return r;
	out->size = out->digest.size;
	out->data = mem_alloc((size_t)out->size, 1);
	assert_int_equal(pread(to, out->data, (size_t)out->size, 0), out->size);
	return 0;
}

/* (1): what anybody decompresses is the tar, and its digests are told. */
static void holds_the_tar(const struct tarmake *t, const struct chunked *c)
{
	AUTO(fd) int packed = memory(c->data, (size_t)c->size);
	AUTO(fd) int plain = memfd_create("plain", MFD_CLOEXEC);
	AUTO(layer_digest) struct layer_digest seen = { 0 };
	AUTO(mem) char *bytes = mem_alloc(t->size + 1, 1);
	AUTO(err) struct err err = { 0 };

	assert_int_equal(lseek(packed, 0, SEEK_SET), 0);
	assert_int_equal(ingest_stream(packed, plain, LAYER_INFLATE, &seen, &err), 0);
	assert_int_equal(pread(plain, bytes, t->size + 1, 0), t->size);
	assert_memory_equal(bytes, t->data, t->size);
	assert_string_equal(seen.digest, c->digest.inside);
	assert_int_equal(c->digest.inside_size, t->size);
	AUTO(digest) struct digest *whole = digest_new();
	digest_add(whole, c->data, (size_t)c->size);
	AUTO(mem) char *text = digest_text(whole);
	assert_string_equal(text, c->digest.digest);
	assert_string_equal(c->digest.compression, "zstd");
}

static char *inflate_at(const struct chunked *c, uint64_t at, uint64_t size, uint64_t plain)
{
	char *text = mem_alloc(plain + 1, 1);

	assert_true(at + size <= (uint64_t)c->size);
	assert_int_equal(ZSTD_decompress(text, plain, c->data + at, size), plain);
	return text;
}

/* (3) */
static void is_skippable(const struct chunked *c, uint64_t at, uint64_t size)
{
	static const unsigned char magic[] = { 0x50, 0x2a, 0x4d, 0x18 };
	uint32_t length;

	assert_memory_equal(c->data + at - HEAD, magic, sizeof magic);
	memcpy(&length, c->data + at - HEAD + sizeof magic, sizeof length);
	assert_int_equal(le32toh(length), size);
}

static char *sum_of(const void *data, size_t size)
{
	AUTO(digest) struct digest *digest = digest_new();

	digest_add(digest, data, size);
	return digest_text(digest);
}

static void read_tables(struct chunked *c)
{
	const unsigned char *footer = c->data + c->size - FOOTER;
	uint64_t *n = c->numbers;

	for (size_t i = 0; i < NUMBERS; i++) {
		memcpy(&n[i], footer + 8 * i, sizeof n[i]);
		n[i] = le64toh(n[i]);
	}
	assert_memory_equal(footer + 8 * NUMBERS, "GNUlInUx", 8);
	is_skippable(c, (uint64_t)c->size - FOOTER, FOOTER);
	is_skippable(c, n[0], n[1]);
	is_skippable(c, n[4], n[5]);
	assert_int_equal(n[3], 1);
	c->toc_text = inflate_at(c, n[0], n[1], n[2]);
	c->split = inflate_at(c, n[4], n[5], n[6]);
	c->split_size = n[6];
	AUTO(err) struct err err = { 0 };
	assert_int_equal(json_parse(c->toc_text, n[2], &c->toc, &err), 0);
}

static void the_notes_tell_the_same(const struct chunked *c)
{
	const uint64_t *n = c->numbers;
	AUTO(mem) char *toc = sum_of(c->data + n[0], n[1]);
	AUTO(mem) char *split = sum_of(c->data + n[4], n[5]);
	AUTO(strv) struct strv want = { 0 };

	strv_addf(&want, NOTE "manifest-checksum=%s", toc);
	strv_addf(&want, NOTE "manifest-position=%llu:%llu:%llu:1", (unsigned long long)n[0],
		  (unsigned long long)n[1], (unsigned long long)n[2]);
	strv_addf(&want, NOTE "tarsplit-position=%llu:%llu:%llu", (unsigned long long)n[4],
		  (unsigned long long)n[5], (unsigned long long)n[6]);
	assert_int_equal(c->digest.notes.count, want.count);
	for (size_t i = 0; i < want.count; i++)
		assert_string_equal(c->digest.notes.items[i], want.items[i]);
	assert_string_equal(json_text(c->toc, "tarSplitDigest"), split);
}

static void pack(const struct tarmake *t, struct chunked *out)
{
	assert_int_equal(try_pack(t, LAYER_LEVEL_DEFAULT, out), 0);
	holds_the_tar(t, out);
	read_tables(out);
	the_notes_tell_the_same(out);
}

static const cJSON *entry(const struct chunked *c, const char *name)
{
	const cJSON *e;

	cJSON_ArrayForEach(e, cJSON_GetObjectItemCaseSensitive(c->toc, "entries"))
	{
		if (str_eq(json_text(e, "name"), name))
			return e;
	}
	fail_msg("no entry '%s'", name);
	return NULL;
}

static int64_t number(const cJSON *object, const char *key)
{
	int64_t n = 0;

	(void)!json_i64(object, key, &n);
	return n;
}

/* (2), and toc's (2). */
static char *content(const struct chunked *c, const cJSON *e)
{
	uint64_t at = (uint64_t)number(e, "offset"), end = (uint64_t)number(e, "endOffset");
	uint64_t size = (uint64_t)number(e, "size");

	assert_true(end > at);
	assert_int_equal(ZSTD_findFrameCompressedSize(c->data + at, (uint64_t)c->size - at),
			 end - at);
	char *bytes = inflate_at(c, at, end - at, size);
	AUTO(mem) char *sum = sum_of(bytes, size);
	assert_string_equal(sum, json_text(e, "digest"));
	return bytes;
}

/* The tar-split with the files of the table is the tar again. */
static void comes_back(const struct tarmake *t, const struct chunked *c)
{
	AUTO(strv) struct strv lines = { 0 };
	AUTO(mem) char *again = mem_alloc(t->size, 1);
	AUTO(tarsplit) struct tarsplit *sums = tarsplit_new(NULL);
	size_t at = 0;

	strv_split(&lines, c->split, '\n');
	for (size_t i = 0; i < lines.count && *lines.items[i]; i++) {
		AUTO(json) cJSON *line = NULL;
		AUTO(mem) char *bytes = NULL;
		AUTO(mem) char *sum = NULL;
		size_t size = 0, sum_size = 0;
		assert_int_equal(json_parse(lines.items[i], strlen(lines.items[i]), &line, NULL),
				 0);
		assert_int_equal(number(line, "position"), i);
		const char *payload = json_text(line, "payload");
		if (number(line, "type") == 2) {
			assert_int_equal(base64_decode(payload, &bytes, &size), 0);
		} else if (number(line, "size")) {
			size = (size_t)number(line, "size");
			bytes = content(c, entry(c, json_text(line, "name")));
			assert_int_equal(base64_decode(payload, &sum, &sum_size), 0);
			uint64_t want = htobe64(tarsplit_sum(sums, 0, bytes, size));
			assert_int_equal(sum_size, sizeof want);
			assert_memory_equal(sum, &want, sizeof want);
		}
		assert_true(at + size <= t->size);
		if (size)
			memcpy(again + at, bytes, size);
		at += size;
	}
	assert_int_equal(at, t->size);
	assert_memory_equal(again, t->data, t->size);
}

static void make(struct tarmake *t)
{
	AUTO(mem) char *large = mem_alloc(LARGE + 1, 1);
	uint32_t x = 1;

	for (size_t i = 0; i < LARGE; i++) {
		x = x * 1103515245 + 12345;
		large[i] = (char)('a' + (x >> 16 & 0xf));
	}
	made_entry(t, &(struct made){ "etc/", '5', .mode = 0755 });
	made_entry(t, &(struct made){ "etc/motd", .data = "hello\n", .uid = "17" });
	made_entry(t, &(struct made){ "etc/empty", .mode = 0644 });
	made_entry(t, &(struct made){ "etc/link", '2', .link = "motd" });
	made_entry(t, &(struct made){ "etc/hard", '1', .link = "etc/motd" });
	made_entry(t, &(struct made){ "null", '3', .mode = 0666 });
	made_pax(t, "SCHILY.xattr.user.a=b\"c");
	made_entry(t, &(struct made){ "etc/attr", .data = "x" });
	made_pax(t, "mtime=1234567890.25");
	made_entry(t, &(struct made){ "etc/time", .type = '5' });
	made_pax(t, "atime=-1.5");
	made_entry(t, &(struct made){ "etc/read", .type = '5' });
	made_entry(t, &(struct made){ "large", .data = large, .mode = 04755 });
	made_end(t);
}

static void every_file_is_a_frame_with_the_digest_that_is_told(void **state)
{
	AUTO(tarmake) struct tarmake t = { 0 };
	AUTO(chunked) struct chunked c = { 0 };
	(void)state;

	make(&t);
	pack(&t, &c);
	comes_back(&t, &c);
	AUTO(mem) char *motd = content(&c, entry(&c, "etc/motd"));
	assert_string_equal(motd, "hello\n");
	assert_null(json_text(entry(&c, "etc/empty"), "digest"));
}

static void the_table_says_what_the_headers_say(void **state)
{
	AUTO(tarmake) struct tarmake t = { 0 };
	AUTO(chunked) struct chunked c = { 0 };
	static const struct {
		const char *name, *type, *link;
		int64_t mode, uid;
	} want[] = {
		{ "etc/", "dir", NULL, 0755, 0 },
		{ "etc/motd", "reg", NULL, 0644, 15 },
		{ "etc/empty", "reg", NULL, 0644, 0 },
		{ "etc/link", "symlink", "motd", 0644, 0 },
		{ "etc/hard", "hardlink", "etc/motd", 0644, 0 },
		{ "null", "char", NULL, 0666, 0 },
		{ "large", "reg", NULL, 04755, 0 },
	};
	(void)state;

	make(&t);
	pack(&t, &c);
	assert_int_equal(number(c.toc, "version"), 1);
	for (size_t i = 0; i < array_len(want); i++) {
		const cJSON *e = entry(&c, want[i].name);
		assert_string_equal(json_text(e, "type"), want[i].type);
		assert_int_equal(number(e, "mode"), want[i].mode);
		assert_int_equal(number(e, "uid"), want[i].uid);
		assert_true(str_eq(str_or(json_text(e, "linkName"), ""), str_or(want[i].link, "")));
	}
	const cJSON *xattrs = cJSON_GetObjectItemCaseSensitive(entry(&c, "etc/attr"), "xattrs");
	assert_string_equal(json_text(xattrs, "user.a"), "YiJj");
	assert_string_equal(json_text(entry(&c, "etc/motd"), "modtime"), "2024-11-05T07:39:36Z");
	assert_string_equal(json_text(entry(&c, "etc/time"), "modtime"),
			    "2009-02-13T23:31:30.250000000Z");
	assert_string_equal(json_text(entry(&c, "etc/read"), "accesstime"),
			    "1969-12-31T23:59:58.500000000Z");
}

static void the_same_tar_gives_the_same_bytes_at_every_level(void **state)
{
	static const int levels[] = { LAYER_LEVEL_DEFAULT, 1, 9, 19 };
	AUTO(tarmake) struct tarmake t = { 0 };
	(void)state;

	make(&t);
	for (size_t i = 0; i < array_len(levels); i++) {
		AUTO(chunked) struct chunked a = { 0 }, b = { 0 };
		assert_int_equal(try_pack(&t, levels[i], &a), 0);
		assert_int_equal(try_pack(&t, levels[i], &b), 0);
		assert_string_equal(a.digest.digest, b.digest.digest);
		holds_the_tar(&t, &a);
	}
}

static void a_tar_without_entries_and_one_with_much_behind_its_end_have_tables(void **state)
{
	AUTO(tarmake) struct tarmake empty = { 0 }, long_end = { 0 };
	AUTO(chunked) struct chunked a = { 0 }, b = { 0 };
	(void)state;

	made_end(&empty);
	pack(&empty, &a);
	comes_back(&empty, &a);
	made_entry(&long_end, &(struct made){ "a", .data = "b" });
	for (int i = 0; i < 1000; i++)
		made_end(&long_end);
	pack(&long_end, &b);
	comes_back(&long_end, &b);
}

static void many_folders_between_two_files_stay_in_order(void **state)
{
	AUTO(tarmake) struct tarmake t = { 0 };
	AUTO(chunked) struct chunked c = { 0 };
	(void)state;

	made_entry(&t, &(struct made){ "first", .data = "1" });
	for (int i = 0; i < 2000; i++) {
		AUTO(mem) char *name = str_fmt("folder%d/", i);
		made_entry(&t, &(struct made){ name, .type = '5' });
	}
	made_entry(&t, &(struct made){ "last", .data = "2" });
	made_end(&t);
	pack(&t, &c);
	comes_back(&t, &c);
}

/* (4) */
static void what_no_table_can_tell_of_is_plain_zstd(void **state)
{
	static const struct {
		struct made first, second;
		const char *pax;
	} odd[] = {
		{ { "twice", .data = "1" }, { "./twice", .data = "2" }, NULL },
		{ { "latin\xe9", .data = "1" }, { "b", .data = "2" }, NULL },
		{ { "a", '2', .link = "\xff" }, { "b", .data = "2" }, NULL },
		{ { "folder/", .type = '0' }, { "b", .data = "2" }, NULL },
		{ { "global", 'g', .data = "9 a=bcd\n\n" }, { "b", .data = "2" }, NULL },
		{ { "a", '7', .data = "1" }, { "b", .data = "2" }, NULL },
		{ { "a", .data = "1" }, { "b", .data = "2" }, "mtime=999999999999" },
		{ { "a", .data = "1" }, { "b", .data = "2" }, "GNU.sparse.map=0,1" },
	};
	(void)state;

	for (size_t i = 0; i < array_len(odd); i++) {
		AUTO(tarmake) struct tarmake t = { 0 };
		AUTO(chunked) struct chunked c = { 0 };
		made_entry(&t, &odd[i].first);
		if (odd[i].pax)
			made_pax(&t, odd[i].pax);
		made_entry(&t, &odd[i].second);
		made_end(&t);
		assert_int_equal(try_pack(&t, LAYER_LEVEL_DEFAULT, &c), 0);
		holds_the_tar(&t, &c);
		if (c.digest.notes.count)
			fail_msg("number %zu has a table", i);
		assert_memory_not_equal(c.data + c.size - 8, "GNUlInUx", 8);
	}
}

static void what_is_no_tar_is_refused(void **state)
{
	AUTO(tarmake) struct tarmake none = { 0 }, cut = { 0 };
	AUTO(chunked) struct chunked a = { 0 }, b = { 0 }, c = { 0 };
	(void)state;

	made_bytes(&none, "no tar", 6);
	assert_int_equal(try_pack(&none, LAYER_LEVEL_DEFAULT, &a), -EBADMSG);
	make(&cut);
	assert_int_equal(try_pack(&cut, 23, &c), -EINVAL);
	cut.size -= LARGE / 2;
	assert_int_equal(try_pack(&cut, LAYER_LEVEL_DEFAULT, &b), -EBADMSG);
}

/* The check value of this sum in its tables. */
static void the_sum_of_a_file_is_that_of_iso_3309(void **state)
{
	AUTO(tarsplit) struct tarsplit *split = tarsplit_new(NULL);
	(void)state;

	assert_true(tarsplit_sum(split, 0, "123456789", 9) == UINT64_C(0xB90956C775A41001));
	uint64_t sum = tarsplit_sum(split, 0, "1234", 4);
	assert_true(tarsplit_sum(split, sum, "56789", 5) == UINT64_C(0xB90956C775A41001));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_is_a_frame_with_the_digest_that_is_told),
		cmocka_unit_test(the_table_says_what_the_headers_say),
		cmocka_unit_test(the_same_tar_gives_the_same_bytes_at_every_level),
		cmocka_unit_test(
			a_tar_without_entries_and_one_with_much_behind_its_end_have_tables),
		cmocka_unit_test(many_folders_between_two_files_stay_in_order),
		cmocka_unit_test(what_no_table_can_tell_of_is_plain_zstd),
		cmocka_unit_test(what_is_no_tar_is_refused),
		cmocka_unit_test(the_sum_of_a_file_is_that_of_iso_3309),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
