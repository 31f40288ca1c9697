/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * glob_test - patterns of paths
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "build/glob.h"

static struct glob *parse(const char *pattern, unsigned flags)
{
	struct glob *glob = NULL;
	AUTO(err) struct err err = { 0 };

	if (glob_parse(pattern, flags, &glob, &err) < 0)
		fail_msg("%s: %s", pattern, err.text);
	return glob;
}

static void patterns_fit_as_gos_match_does(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool fits;
	} cases[] = {
		{ "abc", "abc", true },
		{ "abc", "abcd", false },
		{ "", "", true },
		{ "", "a", false },
		{ "*", "abc", true },
		{ "*", "", true },
		{ "*", "a/b", false },
		{ "*c", "abc", true },
		{ "a*", "a", true },
		{ "a*", "abc", true },
		{ "a*", "ab/c", false },
		{ "a*/b", "abc/b", true },
		{ "a*/b", "a/c/b", false },
		{ "a*b*c*d*e*/f", "axbxcxdxe/f", true },
		{ "a*b*c*d*e*/f", "axbxcxdxexxx/f", true },
		{ "a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false },
		{ "a*b*c*d*e*/f", "axbxcxdxexxx/fff", false },
		{ "a*b?c*x", "abxbbxdbxebxczzx", true },
		{ "a*b?c*x", "abxbbxdbxebxczzy", false },
		{ "ab[c]", "abc", true },
		{ "ab[b-d]", "abc", true },
		{ "ab[e-g]", "abc", false },
		{ "ab[^c]", "abc", false },
		{ "ab[^b-d]", "abc", false },
		{ "ab[^e-g]", "abc", true },
		{ "a\\*b", "a*b", true },
		{ "a\\*b", "ab", false },
		{ "a?b",
		  "a\xe2\x98\xba"
		  "b",
		  true },
		{ "a[^a]b",
		  "a\xe2\x98\xba"
		  "b",
		  true },
		{ "a???b",
		  "a\xe2\x98\xba"
		  "b",
		  false },
		{ "[a-\xce\xb6]*", "\xce\xb1", true },
		{ "*[a-\xce\xb6]", "A", false },
		{ "a?b", "a/b", false },
		{ "a*b", "a/b", false },
		{ "[\\]a]", "]", true },
		{ "[\\-]", "-", true },
		{ "[x\\-]", "x", true },
		{ "[x\\-]", "-", true },
		{ "[x\\-]", "z", false },
		{ "[\\-x]", "a", false },
		{ "*x", "xxx", true },
		{ "a**b", "axb", true },
		{ "a**b", "a/b", false },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(glob) struct glob *glob = parse(cases[i].pattern, 0);
		if (glob_match(glob, cases[i].path) != cases[i].fits)
			fail_msg("'%s' on '%s'", cases[i].pattern, cases[i].path);
	}
}

static void two_stars_are_any_folders(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool fits;
	} cases[] = {
		{ "**", "file", true },
		{ "**", "dir/file", true },
		{ "**/", "dir/file", true },
		{ "**/**", "dir/file", true },
		{ "dir/**", "dir/file", true },
		{ "dir/**", "dir/dir2/file", true },
		{ "dir/**", "dir", false },
		{ "**/dir", "dir", true },
		{ "**/dir", "a/b/dir", true },
		{ "**/dir", "adir", false },
		{ "**/dir/**", "dir/a", true },
		{ "**/dir2/*", "dir/dir2/file", true },
		{ "**/dir2/**", "dir/dir2/dir2/file", true },
		{ "**file", "file", true },
		{ "**file", "dir/file", true },
		{ "**file", "dir/afile", true },
		{ "**/file", "dir/file", true },
		{ "**/*.txt", "a/b.txt", true },
		{ "**/*.txt", "b.txt", true },
		{ "**/*.txt", "b.txt/c", false },
		{ "a/**/b", "a/b", true },
		{ "a/**/b", "a/x/y/b", true },
		{ "a/**/b", "a/xb", false },
		{ "**/foo/bar", "foo/bar", true },
		{ "**/foo/bar", "baz/foo/bar", true },
		{ "abc**", "abcd/e", true },
		{ "abc**", "ab", false },
		{ "abc/**/def/**", "abc/def/g", true },
		{ "**/a*", "x/abc", true },
		{ "a**/*a", "ab/a/a", true },
		{ "**?x", "abx", false },
		{ "**/[a-c]", "d/b", true },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(glob) struct glob *glob = parse(cases[i].pattern, GLOB_DEEP);
		if (glob_match(glob, cases[i].path) != cases[i].fits)
			fail_msg("'%s' on '%s'", cases[i].pattern, cases[i].path);
	}
}

static void a_folder_is_known_to_hold_nothing(void **state)
{
	static const struct {
		const char *pattern, *folder;
		bool may;
	} cases[] = {
		{ "a/b", "", true },	   { "a/b", "a", true },       { "a/b", "a/b", false },
		{ "a/b", "c", false },	   { "*/b", "x", true },       { "*/b", "x/b", false },
		{ "**/b", "x/y", true },   { "a/**", "a/b/c", true },  { "a/**", "b", false },
		{ "*.txt", "dir", false }, { "a*/?/c", "ab/c", true }, { "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(glob) struct glob *glob = parse(cases[i].pattern, GLOB_DEEP);
		if (glob_below(glob, cases[i].folder) != cases[i].may)
			fail_msg("'%s' below '%s'", cases[i].pattern, cases[i].folder);
	}
}

static void what_is_no_pattern_is_told(void **state)
{
	static const char *const cases[] = { "[",    "[]a]", "[^]",	"a[",	"[a",  "[-]",
					     "[x-]", "[-x]", "[a-b-c]", "[^bc", "a\\", "[\\" };

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(glob) struct glob *glob = NULL;
		AUTO(err) struct err err = { 0 };
		if (glob_parse(cases[i], GLOB_DEEP, &glob, &err) != -EINVAL)
			fail_msg("'%s' is a pattern", cases[i]);
		assert_non_null(err.text);
	}
}

static void magic_is_seen(void **state)
{
	(void)state;
	assert_true(glob_magic("a*"));
	assert_true(glob_magic("a?b"));
	assert_true(glob_magic("[a]"));
	assert_false(glob_magic("a\\*b"));
	assert_false(glob_magic("a]b"));
	assert_false(glob_magic("a\\"));
}

static void no_pattern_is_slow(void **state)
{
	AUTO(mem) char *stars = mem_alloc(2001, 1), *text = mem_alloc(2001, 1);

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		stars[i] = i % 2 ? 'a' : '*';
		text[i] = 'a';
	}
	stars[1999] = 'b';
	AUTO(glob) struct glob *glob = parse(stars, GLOB_DEEP);
	assert_false(glob_match(glob, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_fit_as_gos_match_does),
		cmocka_unit_test(two_stars_are_any_folders),
		cmocka_unit_test(a_folder_is_known_to_hold_nothing),
		cmocka_unit_test(what_is_no_pattern_is_told),
		cmocka_unit_test(magic_is_seen),
		cmocka_unit_test(no_pattern_is_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
