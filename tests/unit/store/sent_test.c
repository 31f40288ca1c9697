/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sent_test - what is remembered of registries, and what is not
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

#include "base/fd.h"
#include "base/file.h"
#include "store/sent.h"

#define HEX(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c
#define PLAIN "sha256:" HEX("2b")
#define PACKED "sha256:" HEX("3c")

struct place {
	char path[32];
	struct store store;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	memcpy(p->path, "/tmp/sent_test.XXXXXX", 22);
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

static struct sent_packed packed(int level, const char *digest)
{
	return (struct sent_packed){ .plain = (char *)PLAIN,
				     .packing = (char *)"gzip",
				     .level = level,
				     .digest = (char *)digest,
				     .size = 5 };
}

static void what_is_noted_is_found_again(void **state)
{
	struct place *p = *state;
	AUTO(sent) struct sent news = { 0 }, known = { 0 };
	const struct sent_packed usual = packed(-1, PACKED), high = packed(9, PLAIN);

	sent_note_packed(&news, &usual);
	sent_note_packed(&news, &high);
	sent_note_place(&news, PACKED, "r/a");
	sent_note_place(&news, PACKED, "r/b");
	sent_note_place(&news, PACKED, "r/a");
	sent_add(&p->store, &news);
	sent_load(&p->store, &known);
	assert_string_equal(sent_find_packed(&known, PLAIN, "gzip", -1)->digest, PACKED);
	assert_string_equal(sent_find_packed(&known, PLAIN, "gzip", 9)->digest, PLAIN);
	assert_null(sent_find_packed(&known, PLAIN, "zstd", -1));
	assert_null(sent_find_packed(&known, PACKED, "gzip", -1));
	assert_int_equal(sent_repositories(&known, PACKED)->count, 2);
	assert_null(sent_repositories(&known, PLAIN));
}

static void what_is_known_writes_nothing(void **state)
{
	struct place *p = *state;
	AUTO(sent) struct sent news = { 0 };
	struct stat before, after;

	sent_note_place(&news, PACKED, "r/a");
	sent_add(&p->store, &news);
	assert_int_equal(fstatat(p->store.dir, "sent.json", &before, 0), 0);
	sent_add(&p->store, &news);
	assert_int_equal(fstatat(p->store.dir, "sent.json", &after, 0), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void only_the_latest_repositories_are_kept(void **state)
{
	AUTO(sent) struct sent news = { 0 };
	(void)state;

	for (int i = 0; i < 2 * SENT_MAX_REPOSITORIES; i++) {
		AUTO(mem) char *name = str_fmt("r/%d", i);
		sent_note_place(&news, PACKED, name);
	}
	const struct strv *kept = sent_repositories(&news, PACKED);
	assert_int_equal(kept->count, SENT_MAX_REPOSITORIES);
	assert_string_equal(kept->items[kept->count - 1], "r/15");
}

static void the_oldest_go_when_there_are_too_many(void **state)
{
	struct place *p = *state;
	AUTO(sent) struct sent news = { 0 }, known = { 0 };
	enum { MORE = 10 };

	for (int i = 0; i < SENT_MAX_PLACES + MORE; i++) {
		AUTO(mem) char *digest = str_fmt("sha256:%064x", (unsigned int)i);
		sent_note_place(&news, digest, "r/a");
	}
	sent_add(&p->store, &news);
	sent_load(&p->store, &known);
	assert_int_equal(known.places.count, SENT_MAX_PLACES);
	AUTO(mem) char *first = str_fmt("sha256:%064x", 0);
	AUTO(mem) char *last = str_fmt("sha256:%064x", SENT_MAX_PLACES + MORE - 1);
	assert_null(sent_repositories(&known, first));
	assert_non_null(sent_repositories(&known, last));
}

static void what_is_damaged_or_no_digest_counts_as_nothing(void **state)
{
	struct place *p = *state;
	static const char *const texts[] = {
		"{",
		"[]",
		"{\"places\":[{\"digest\":\"../../x\",\"repositories\":[\"r/a\"]}]}",
		"{\"packed\":[{\"plain\":\"" PLAIN "\",\"packing\":\"gzip\",\"digest\":\"x\"}]}",
	};

	for (size_t i = 0; i < array_len(texts); i++) {
		AUTO(sent) struct sent known = { 0 };
		assert_int_equal(
			file_write(p->store.dir, "sent.json", 0600, texts[i], strlen(texts[i])), 0);
		sent_load(&p->store, &known);
		assert_int_equal(known.places.count + known.packed.count, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, clear_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_noted_is_found_again),
		TEST(what_is_known_writes_nothing),
		TEST(only_the_latest_repositories_are_kept),
		TEST(the_oldest_go_when_there_are_too_many),
		TEST(what_is_damaged_or_no_digest_counts_as_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
