/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filesums_test - files are hashed, links and pipes are not, archives are told from other files
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "layer/filesums.h"
#include "layer/job.h"
#include "tarmake.h"

/* SHA-256 of "" and of "abc": FIPS 180-2, appendix B. */
static const unsigned char of_nothing[] = {
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
	0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
	0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
};
static const unsigned char of_abc[] = {
	0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
	0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
	0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
};

struct place {
	char path[32];
	int dir;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	memcpy(p->path, "/tmp/filesums_test.XXXXXX", 26);
	assert_non_null(mkdtemp(p->path));
	p->dir = open(p->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(p->dir >= 0);
	*state = p;
	return 0;
}

static int clear_place(void **state)
{
	struct place *p = *state;

	fd_close(p->dir);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

/* Return: what filesums_make says of names, all of them with their 0; the sums in @out. */
static int sums(const struct place *p, const char *names, size_t size, unsigned char *out,
		size_t count, struct err *err)
{
	AUTO(fd) int list = fd_memory("names", names, size);
	AUTO(fd) int to = fd_memory("sums", "", 0);

	int r = filesums_make(p->dir, list, to, err);
	if (r == 0)
		assert_int_equal(pread(to, out, count * LAYER_SUM_BYTES + 1, 0),
				 count * LAYER_SUM_BYTES);
	return r;
}

static void files_are_hashed_in_the_order_of_their_names(void **state)
{
	const struct place *p = *state;
	unsigned char out[3 * LAYER_SUM_BYTES + 1];
	static const char names[] = "b\nc\0d/\xff\0b\nc";

	assert_int_equal(mkdirat(p->dir, "d", 0755), 0);
	assert_int_equal(file_write(p->dir, "b\nc", 0644, "abc", 3), 0);
	assert_int_equal(file_write(p->dir, "d/\xff", 0644, "", 0), 0);
	assert_int_equal(sums(p, names, sizeof names, out, 3, NULL), 0);
	assert_memory_equal(out, of_abc, LAYER_SUM_BYTES);
	assert_memory_equal(out + LAYER_SUM_BYTES, of_nothing, LAYER_SUM_BYTES);
	assert_memory_equal(out + 2 * LAYER_SUM_BYTES, of_abc, LAYER_SUM_BYTES);
	assert_int_equal(sums(p, "", 0, out, 0, NULL), 0);
}

static void what_is_no_regular_file_is_named_and_not_read(void **state)
{
	static const struct {
		const char *name;
		int want;
	} cases[] = {
		{ "pipe", -ESTALE }, { "folder", -ESTALE }, { "link", -ELOOP },
		{ "up/x", -ELOOP },  { "../x", -EXDEV },    { "none", -ENOENT },
	};
	const struct place *p = *state;
	unsigned char out[LAYER_SUM_BYTES + 1];

	assert_int_equal(mkfifoat(p->dir, "pipe", 0644), 0);
	assert_int_equal(mkdirat(p->dir, "folder", 0755), 0);
	assert_int_equal(symlinkat("/etc/passwd", p->dir, "link"), 0);
	assert_int_equal(symlinkat("..", p->dir, "up"), 0);
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(err) struct err err = { 0 };
		int r = sums(p, cases[i].name, strlen(cases[i].name) + 1, out, 1, &err);
		assert_int_equal(r, cases[i].want);
		assert_non_null(strstr(err.text, cases[i].name));
	}
	assert_int_equal(sums(p, "no end", 6, out, 1, NULL), -EBADMSG);
}

static void an_archive_is_told_by_its_content(void **state)
{
	static const char gzip_of_text[] =
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x2b\x49\xad\x28"
		"\xe1\x02\x00\x9b\x3b\x1f\x3a\x05\x00\x00\x00";
	struct tarmake tar = { 0 };
	const struct made entry = { .name = "f", .data = "text" };

	(void)state;
	made_entry(&tar, &entry);
	AUTO(fd) int plain = fd_memory("a", tar.data, tar.size);
	AUTO(fd) int text = fd_memory("b", "no tar", 6);
	AUTO(fd) int empty = fd_memory("c", "", 0);
	AUTO(fd) int packed = fd_memory("d", gzip_of_text, sizeof gzip_of_text - 1);
	tar.data[0] ^= 1;
	AUTO(fd) int wrong = fd_memory("e", tar.data, tar.size);
	assert_int_equal(archive_peek(plain, NULL), 1);
	assert_int_equal(archive_peek(text, NULL), 0);
	assert_int_equal(archive_peek(empty, NULL), 0);
	assert_int_equal(archive_peek(packed, NULL), 0);
	assert_int_equal(archive_peek(wrong, NULL), 0);
	free(tar.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_are_hashed_in_the_order_of_their_names,
						make_place, clear_place),
		cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_named_and_not_read,
						make_place, clear_place),
		cmocka_unit_test(an_archive_is_told_by_its_content),
	};

	return cmocka_run_group_tests_name("filesums", tests, NULL, NULL);
}
