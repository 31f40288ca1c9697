/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fingerprint_test - all that a step sees changes the digest, and nothing else does
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <sys/xattr.h>

#include "build/fingerprint.h"
#include "build/source.h"
#include "trees.h"

enum { SKIPPED = 77 };

static char *program(void)
{
	const char *build = getenv("CUBBY_BUILD");

	return str_fmt("%s/cubby-layer", str_or(build, "."));
}

/* The digest of "d"; @known may be NULL. */
static char *print_of(const struct trees *t, const char *word, bool owned, struct hashes *known)
{
	const struct source source = { .dir = t->from, .name = "the tree", .owned = owned };
	const struct source_options options = { 0 };
	AUTO(mem) char *path = program();
	const struct layer_host host = { .program = path, .userns = -1 };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(selection) struct selection s = { 0 };
	AUTO(strv) struct strv patterns = { 0 };
	char *out = NULL;

	strv_add(&patterns, word);
	assert_int_equal(layer_helper_open(&host, &helper, NULL), 0);
	assert_int_equal(source_select(&source, &patterns, &options, &s, NULL), 0);
	assert_int_equal(selection_digest(&s, &helper, 1, known, &out, NULL), 0);
	return out;
}

static void fill(const struct trees *t)
{
	put(t->from, "d/a/f", "1");
	put(t->from, "d/g", "2");
	put_symlink(t->from, "d/link", "f");
}

/* Compares the digest with the one before, which it replaces. */
static void seen(const struct trees *t, char **before, bool differs)
{
	char *now = print_of(t, "d", false, NULL);

	assert_int_equal(!str_eq(now, *before), differs);
	free(*before);
	*before = now;
}

static void each_thing_that_a_step_sees_changes_it(void **state)
{
	const struct trees *t = *state;

	fill(t);
	AUTO(mem) char *last = print_of(t, "d", false, NULL);
	seen(t, &last, false);
	put(t->from, "d/g", "3");
	seen(t, &last, true);
	assert_int_equal(fchmodat(t->from, "d/g", 0755, 0), 0);
	seen(t, &last, true);
	assert_int_equal(fchmodat(t->from, "d/a", 0700, 0), 0);
	seen(t, &last, true);
	assert_int_equal(renameat(t->from, "d/g", t->from, "d/h"), 0);
	seen(t, &last, true);
	assert_int_equal(unlinkat(t->from, "d/link", 0), 0);
	put_symlink(t->from, "d/link", "g");
	seen(t, &last, true);
	assert_int_equal(mkdirat(t->from, "d/empty", 0755), 0);
	seen(t, &last, true);
	put(t->from, "d/i", "3");
	seen(t, &last, true);
	assert_int_equal(fchmodat(t->from, "d/i", 0755, 0), 0);
	seen(t, &last, true);
	assert_int_equal(unlinkat(t->from, "d/i", 0), 0);
	assert_int_equal(linkat(t->from, "d/h", t->from, "d/i", 0), 0); /* one inode now */
	seen(t, &last, true);
}

static void times_places_and_what_is_beside_do_not(void **state)
{
	const struct trees *t = *state;

	fill(t);
	AUTO(mem) char *last = print_of(t, "d", false, NULL);
	age(t->from, "d/g", OLD + 9);
	age(t->from, "d", OLD + 9);
	put(t->from, "beside", "x");
	seen(t, &last, false);
	/* The content is taken, so the folder's own name says nothing; a file's does. */
	assert_int_equal(renameat(t->from, "d", t->from, "e"), 0);
	AUTO(mem) char *other = print_of(t, "e", false, NULL);
	assert_string_equal(other, last);
	AUTO(mem) char *file = print_of(t, "e/g", false, NULL);
	assert_int_equal(renameat(t->from, "e/g", t->from, "e/h"), 0);
	AUTO(mem) char *renamed = print_of(t, "e/h", false, NULL);
	assert_string_not_equal(file, renamed);
}

static void a_file_that_just_changed_is_read(void **state)
{
	const struct trees *t = *state;
	const struct store store = { .dir = t->to, .path = (char *)"to" };
	unsigned char sum[HASHES_SUM] = { 1 };
	struct stat st;

	fill(t);
	AUTO(mem) char *real = print_of(t, "d/g", false, NULL);
	assert_int_equal(fstatat(t->from, "d/g", &st, 0), 0);
	/* Noted as if it had been looked at long after its change. */
	AUTO(hashes) struct hashes *noting = hashes_open(&store);
	struct hash_key key = hash_key_of(&st);
	hashes_note(noting, &key, sum);
	hashes_save(noting);
	AUTO(hashes) struct hashes *known = hashes_open(&store);
	AUTO(mem) char *print = print_of(t, "d/g", false, known);
	/* It changed a moment ago, so the note was not taken: the true digest comes out. */
	assert_string_equal(print, real);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, trees_make, trees_clear)
	const struct CMUnitTest tests[] = {
		CASE(each_thing_that_a_step_sees_changes_it),
		CASE(times_places_and_what_is_beside_do_not),
		CASE(a_file_that_just_changed_is_read),
	};
	AUTO(mem) char *path = program();

	if (access(path, X_OK) < 0) {
		printf("there is no '%s'\n", path);
		return SKIPPED;
	}
	return cmocka_run_group_tests_name("fingerprint", tests, NULL, NULL);
}
