/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pathmatch_test - patterns of sources
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "build/pathmatch.h"

static void names_match_as_in_go(void **state)
{
	/* The first ones: the table of Go's documentation and its package's tests, by their meaning. */
	static const struct {
		const char *pattern, *name;
		bool want;
	} cases[] = {
		{ "abc", "abc", true },
		{ "*", "abc", true },
		{ "*c", "abc", true },
		{ "a*", "a", true },
		{ "a*", "ba", false },
		{ "a*b*c*d*e*", "axbxcxdxe", true },
		{ "a*b?c*x", "abxbbxdbxebxczzx", true },
		{ "a*b?c*x", "abxbbxdbxebxczzy", false },
		{ "ab[c]", "abc", true },
		{ "ab[b-d]", "abc", true },
		{ "ab[e-g]", "abc", false },
		{ "ab[^c]", "abc", false },
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
		{ "[\\]a]", "]", true },
		{ "[\\-]", "-", true },
		{ "[x\\-]", "x", true },
		{ "[x\\-]", "z", false },
		{ "*x", "xxx", true },
		{ "arr[[]0].txt", "arr[0].txt", true },
		{ "?", "\xff", true },
		{ "\xff*", "\xff\xfe", true },
		{ "*", "", true },
		{ "?", "", false },
		{ "", "", true },
		{ "a*", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(pathmatch_check(cases[i].pattern), 0);
		assert_int_equal(pathmatch_name(cases[i].pattern, strlen(cases[i].pattern),
						cases[i].name),
				 cases[i].want);
	}
}

static void malformed_patterns_are_told(void **state)
{
	static const char *const bad[] = { "[",	  "[a", "[]a]", "[-]", "[x-]", "[-x]",
					   "a\\", "[^", "a[",	"[a-", "[\\",  "b[^]" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(pathmatch_check(bad[i]), -EINVAL);
}

static void paths_match_component_by_component(void **state)
{
	static const struct {
		const char *pattern, *path;
		enum pathmatch want;
	} cases[] = {
		{ "a/b", "a", PATH_ABOVE },	     { "a/b", "a/b", PATH_MATCH },
		{ "a/b", "a/b/c", PATH_INSIDE },     { "a/b", "b", PATH_OUT },
		{ "*.c", "a/x.c", PATH_OUT },	     { "**/*.c", "x.c", PATH_MATCH },
		{ "**/*.c", "a/b/x.c", PATH_MATCH }, { "**/*.c", "a/b", PATH_ABOVE },
		{ "a/**", "a", PATH_ABOVE },	     { "a/**", "a/b", PATH_MATCH },
		{ "a/**", "a/b/c", PATH_INSIDE },    { "a/**/z", "a/z", PATH_MATCH },
		{ "a/**/z", "a/b/c/z", PATH_MATCH }, { "a/**/z", "b/z", PATH_OUT },
		{ "*/x", "a/x/y", PATH_INSIDE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(pathmatch_path(cases[i].pattern, cases[i].path), cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_match_as_in_go),
		cmocka_unit_test(malformed_patterns_are_told),
		cmocka_unit_test(paths_match_component_by_component),
	};

	return cmocka_run_group_tests_name("pathmatch", tests, NULL, NULL);
}
