/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ignore_test - what of a context counts
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "build/ignore.h"

static void read_all(const char *text, struct patterns *out)
{
	AUTO(err) struct err err = { 0 };

	if (ignore_parse(text, strlen(text), ".dockerignore", out, &err) < 0)
		fail_msg("%s: %s", text, err.text);
}

static void the_last_pattern_that_fits_decides(void **state)
{
	static const struct {
		const char *text, *path;
		bool excluded;
	} cases[] = {
		{ "", "a", false },
		{ "a", "a", true },
		{ "a", "a/b/c", true },
		{ "a", "b/a", false },
		{ "a/b", "a", false },
		{ "a/b", "a/b/c", true },
		{ "/a", "a", true },
		{ "a/", "a", true },
		{ "./a/../b//c/", "b/c", true },
		{ "# a\na", "a", true },
		{ "#a", "#a", false },
		{ " #a", "#a", true },
		{ "  a  ", "a", true },
		{ "\xef\xbb\xbf"
		  "a",
		  "a", true },
		{ "a\r\nb\r\n", "b", true },
		{ "*", "a/b", true },
		{ "*/b", "a/b/c", true },
		{ "*.md", "a.md", true },
		{ "*.md", "x/a.md", false },
		{ "**/*.md", "x/y/a.md", true },
		{ "**", "a/b", true },
		{ ".", "a", false },
		{ "*", ".", false },
		{ "*\n!a", "a", false },
		{ "*\n!a", "a/b", false },
		{ "*\n!a/b", "a", true },
		{ "*\n!a/b", "a/b", false },
		{ "*\n!a/b", "a/c", true },
		{ "*\n! a", "a", false },
		{ "*\n!/a", "a", false },
		{ "!a\n*", "a", true },
		{ "*.md\n!README.md", "README.md", false },
		{ "*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true },
		{ "*.md\n!README*.md\nREADME-secret.md", "README-x.md", false },
		{ "*.md\nREADME-secret.md\n!README*.md", "README-secret.md", false },
		{ "a\n!a/b\na/b/c", "a/b/c/d", true },
		{ "a\n!a/b\na/b/c", "a/b/d", false },
		{ "*\n!**/*.go", "x/y.go", false },
		{ "*\n!**/*.go", "x/y.c", true },
		{ "**/f\n!a", "a/f", false },
		{ "a\\*", "a*", true },
		{ "a\\*", "ab", false },
		{ "[a-c]", "b", true },
		{ "a/**", "a", false },
		{ "a/**", "a/b", true },
		{ "a?c", "abc", true },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(patterns) struct patterns patterns = { 0 };
		read_all(cases[i].text, &patterns);
		if (patterns_exclude(&patterns, cases[i].path) != cases[i].excluded)
			fail_msg("'%s' on '%s'", cases[i].text, cases[i].path);
	}
}

static void a_folder_may_keep_something_below_it(void **state)
{
	static const struct {
		const char *text, *folder;
		bool keep;
	} cases[] = {
		{ "a", "a", false },	     { "*", "a", false },
		{ "*\n!a/b", "a", true },    { "*\n!a/b", "c", false },
		{ "*\n!a/b", "a/c", false }, { "!a/b\n*", "a", false },
		{ "*\n!**/x", "c", true },   { "*\n!*/x", "c", true },
		{ "*\n!*.go", "c", false },  { "a\n!a/b\na/b", "a/b", false },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(patterns) struct patterns patterns = { 0 };
		AUTO(pattern_state) struct pattern_state top = { 0 }, folder = { 0 };
		AUTO(mem) char *parent = str_dup(cases[i].folder);
		read_all(cases[i].text, &patterns);
		if (str_cut(parent, '/'))
			patterns_step(&patterns, &(struct pattern_state){ 0 }, parent, &top);
		assert_true(patterns_step(&patterns, &top, cases[i].folder, &folder));
		if (patterns_keep_below(&patterns, &folder, cases[i].folder) != cases[i].keep)
			fail_msg("'%s' below '%s'", cases[i].text, cases[i].folder);
	}
}

static void paths_are_cleaned(void **state)
{
	static const struct {
		const char *path, *want;
	} cases[] = {
		{ "", "." },	     { ".", "." },	{ "/", "/" },
		{ "a/b/", "a/b" },   { "a//b", "a/b" }, { "./a", "a" },
		{ "a/./b", "a/b" },  { "a/../b", "b" }, { "../a", "../a" },
		{ "a/../..", ".." }, { "/../a", "/a" }, { "../../a", "../../a" },
		{ "a/..", "." },     { "!a/", "!a" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(mem) char *clean = pattern_clean(cases[i].path);
		assert_string_equal(clean, cases[i].want);
	}
}

static void what_is_no_pattern_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "a\n[",
		  ".dockerignore:2: '[' is no pattern: a '[' is not closed, or not followed by "
		  "characters" },
		{ "!", ".dockerignore:1: '!' is no pattern: it stands before one" },
		{ "\n\na\\\n", ".dockerignore:3: 'a\\' is no pattern: a '\\' stands at its end" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(patterns) struct patterns patterns = { 0 };
		AUTO(err) struct err err = { 0 };
		assert_int_equal(ignore_parse(cases[i].text, strlen(cases[i].text), ".dockerignore",
					      &patterns, &err),
				 -EINVAL);
		assert_string_equal(err.text, cases[i].want);
	}
}

static void an_ignore_file_has_an_end_in_bytes_and_patterns(void **state)
{
	AUTO(patterns) struct patterns patterns = { 0 };
	AUTO(mem) char *large = mem_alloc((1 << 20) + 1, 1);
	AUTO(err) struct err err = { 0 };

	(void)state;
	memset(large, '#', (1 << 20) + 1);
	assert_int_equal(ignore_parse(large, (1 << 20) + 1, ".dockerignore", &patterns, &err),
			 -EFBIG);
	assert_int_equal(ignore_parse(large, 1 << 20, ".dockerignore", &patterns, NULL), 0);
	for (size_t i = 0; i < 10001; i++)
		memcpy(large + 2 * i, "a\n", 2);
	assert_int_equal(ignore_parse(large, 20002, ".dockerignore", &patterns, &err), -EFBIG);
	assert_int_equal(ignore_parse("a\0b", 3, ".dockerignore", &patterns, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_pattern_that_fits_decides),
		cmocka_unit_test(a_folder_may_keep_something_below_it),
		cmocka_unit_test(paths_are_cleaned),
		cmocka_unit_test(what_is_no_pattern_is_told_with_its_line),
		cmocka_unit_test(an_ignore_file_has_an_end_in_bytes_and_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
