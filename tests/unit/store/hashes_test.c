/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hashes_test - digests of files are remembered as long as the files are the same
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/hashes.h"

enum { MUCH = 1 << 20 };

struct place {
	char path[32];
	struct store store;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	memcpy(p->path, "/tmp/hashes_test.XXXXXX", 24);
	assert_non_null(mkdtemp(p->path));
	p->store.path = p->path;
	p->store.dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(p->store.dir >= 0);
	*state = p;
	return 0;
}

static int clear_place(void **state)
{
	struct place *p = *state;

	fd_close(p->store.dir);
	assert_int_equal(file_tree_remove(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

static struct hash_key key(uint64_t ino)
{
	return (struct hash_key){ 1, ino, 3, 1000, 2000 };
}

static void save(const struct place *p, const struct hash_key *k, unsigned char value)
{
	AUTO(hashes) struct hashes *h = hashes_open(&p->store);
	unsigned char sum[HASHES_SUM];

	memset(sum, value, sizeof sum);
	hashes_note(h, k, sum);
	hashes_save(h);
}

/* Return: the first byte of the digest, or -1. */
static int find(const struct place *p, const struct hash_key *k)
{
	AUTO(hashes) struct hashes *h = hashes_open(&p->store);
	const unsigned char *sum = hashes_find(h, k);

	return sum ? sum[0] : -1;
}

static void what_was_noted_is_found_again(void **state)
{
	const struct place *p = *state;
	const struct hash_key a = key(7), b = key(3);

	assert_int_equal(find(p, &a), -1);
	save(p, &a, 1);
	save(p, &b, 2);
	assert_int_equal(find(p, &a), 1);
	assert_int_equal(find(p, &b), 2);
	save(p, &a, 9);
	assert_int_equal(find(p, &a), 9);
	assert_int_equal(find(p, &b), 2);
}

static void any_other_fact_of_the_file_makes_it_unknown(void **state)
{
	const struct place *p = *state;
	const struct hash_key k = key(7);
	struct hash_key others[] = { k, k, k, k, k };

	others[0].dev++;
	others[1].ino++;
	others[2].size++;
	others[3].mtime++;
	others[4].ctime++;
	save(p, &k, 1);
	for (size_t i = 0; i < array_len(others); i++)
		assert_int_equal(find(p, &others[i]), -1);
}

static void a_file_that_just_changed_is_not_noted(void **state)
{
	const struct place *p = *state;
	struct hash_key touched = key(1), changed = key(2), ahead = key(3);

	touched.mtime = clock_now();
	changed.ctime = clock_now() - CLOCK_SECOND;
	ahead.mtime = clock_now() + 1000 * CLOCK_SECOND; /* set by somebody; the ctime is old */
	save(p, &touched, 1);
	save(p, &changed, 1);
	save(p, &ahead, 1);
	assert_int_equal(find(p, &touched), -1);
	assert_int_equal(find(p, &changed), -1);
	assert_int_equal(find(p, &ahead), 1);
}

static void a_damaged_file_is_an_empty_one(void **state)
{
	const struct place *p = *state;
	const struct hash_key k = key(7);
	AUTO(mem) char *data = NULL;
	size_t size;

	save(p, &k, 1);
	assert_int_equal(file_read(p->store.dir, "hashes", MUCH, &data, &size), 0);
	assert_int_equal(file_replace(p->store.dir, "hashes", 0600, data, size - 1, false), 0);
	assert_int_equal(find(p, &k), -1);
	for (size_t at = 0; at < 16; at += 8) { /* magic; byte order */
		AUTO(mem) char *other = mem_copy(data, size);
		other[at] ^= 4;
		assert_int_equal(file_replace(p->store.dir, "hashes", 0600, other, size, false), 0);
		assert_int_equal(find(p, &k), -1);
	}
	save(p, &k, 5);
	assert_int_equal(find(p, &k), 5);
}

static void those_used_longest_ago_go_when_there_are_too_many(void **state)
{
	const struct place *p = *state;
	unsigned char sum[HASHES_SUM] = { 1 };
	struct stat st;

	for (uint64_t round = 0; round < 2; round++) {
		AUTO(hashes) struct hashes *h = hashes_open(&p->store);
		for (uint64_t i = 0; i < HASHES_MAX / 2 + 1; i++) {
			const struct hash_key k = key(2 * i + round);
			hashes_note(h, &k, sum);
		}
		hashes_save(h);
	}
	assert_int_equal(fstatat(p->store.dir, "hashes", &st, 0), 0);
	assert_true(st.st_size < HASHES_MAX * 100);
	uint64_t lost = 0;
	AUTO(hashes) struct hashes *h = hashes_open(&p->store);
	for (uint64_t i = 0; i < HASHES_MAX + 2; i++) {
		const struct hash_key k = key(i);
		bool found = hashes_find(h, &k);
		lost += !found;
		if (i % 2)
			assert_true(found);
	}
	assert_int_equal(lost, 2);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_place, clear_place)
	const struct CMUnitTest tests[] = {
		CASE(what_was_noted_is_found_again),
		CASE(any_other_fact_of_the_file_makes_it_unknown),
		CASE(a_file_that_just_changed_is_not_noted),
		CASE(a_damaged_file_is_an_empty_one),
		CASE(those_used_longest_ago_go_when_there_are_too_many),
	};

	return cmocka_run_group_tests_name("hashes", tests, NULL, NULL);
}
