/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * name_test - what names in a tar mean
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "layer/name.h"

static void names_are_cleaned_as_text(void **state)
{
	static const char *const good[][2] = {
		{ "a", "a" },		{ "/a/b", "a/b" }, { "./a//b/.", "a/b" }, { "a/../b", "b" },
		{ "a/b/../../c", "c" }, { "./", "" },	   { "/", "" },		  { "...", "..." },
		{ "..x/y", "..x/y" },	{ "a/b/..", "a" },
	};
	static const char *const bad[] = { "..", "../a", "a/../../b", "/..", "", "a/../.." };

	(void)state;
	for (size_t i = 0; i < array_len(good); i++) {
		AUTO(mem) char *out = NULL;
		assert_int_equal(name_clean(good[i][0], &out, NULL), 0);
		assert_string_equal(out, good[i][1]);
	}
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(mem) char *out = NULL;
		assert_int_equal(name_clean(bad[i], &out, NULL), -EBADMSG);
	}
}

static void names_that_are_too_long_or_deep_are_refused(void **state)
{
	AUTO(mem) char *wide = mem_alloc(257, 1);
	AUTO(mem) char *deep = mem_alloc(2049, 1);
	AUTO(mem) char *out = NULL;

	(void)state;
	memset(wide, 'a', 256);
	assert_int_equal(name_clean(wide, &out, NULL), -EFBIG);
	for (int i = 0; i < 2048; i++)
		deep[i] = i % 2 ? '/' : 'a';
	assert_int_equal(name_clean(deep, &out, NULL), -EFBIG);
}

static void deletions_are_told_from_names(void **state)
{
	static const struct {
		const char *raw;
		enum name_kind kind;
		const char *path;
	} cases[] = {
		{ "a/.wh.b", NAME_WHITEOUT, "a/b" },
		{ ".wh.b", NAME_WHITEOUT, "b" },
		{ "a/.wh..wh..opq", NAME_OPAQUE, "a" },
		{ ".wh..wh..opq", NAME_OPAQUE, "" },
		{ "a/.wh..wh.plnk", NAME_IGNORED, "a/.wh..wh.plnk" },
		{ "a/.wh..wh.plnk/x", NAME_IGNORED, "a/.wh..wh.plnk/x" },
		{ "a/.whale", NAME_ENTRY, "a/.whale" },
		{ "wh.x", NAME_ENTRY, "wh.x" },
		{ "a/.wh....", NAME_WHITEOUT, "a/..." },
		{ ".", NAME_ROOT, "" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(name) struct name name = { 0 };
		assert_int_equal(name_parse(cases[i].raw, &name, NULL), 0);
		assert_int_equal(name.kind, cases[i].kind);
		assert_string_equal(name.path, cases[i].path);
	}
}

static void deletions_of_the_folder_itself_or_above_are_refused(void **state)
{
	static const char *const bad[] = { ".wh.",   "a/.wh.",	 ".wh..",
					   ".wh...", "a/.wh...", "a/.wh.b/c" };

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(name) struct name name = { 0 };
		assert_int_equal(name_parse(bad[i], &name, NULL), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_cleaned_as_text),
		cmocka_unit_test(names_that_are_too_long_or_deep_are_refused),
		cmocka_unit_test(deletions_are_told_from_names),
		cmocka_unit_test(deletions_of_the_folder_itself_or_above_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
