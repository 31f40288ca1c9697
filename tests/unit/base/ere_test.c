/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ere_test - regular expressions of others
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ere.h"
#include "base/mem.h"

static void expressions_match_somewhere(unused_arg void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{ "", "anything", true },
		{ "b", "abc", true },
		{ "^b", "abc", false },
		{ "^(a|b){2,3}$", "aba", true },
		{ "^(a|b){2,3}$", "abab", false },
		{ "^[[:digit:]]{4}-[0-9]{2}$", "2026-11", true },
		{ "^[]a-]+$", "]-a", true },
		{ "\\.test\\{", "a.test{", true },
		{ "\\bword\\b", "a word.", true },
		{ "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
		  "01234567-89ab-cdef-0123-456789abcdef", true },
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		assert_int_equal(ere_check(cases[i].pattern, NULL), 0);
		assert_int_equal(ere_match(cases[i].pattern, cases[i].text), cases[i].matches);
	}
}

static void what_is_no_expression_is_told(unused_arg void **state)
{
	static const struct {
		const char *pattern, *why;
	} cases[] = {
		{ "(", "is none" },
		{ "[a", "is none" },
		{ "a{2", "is none" },
		{ "a{2,1}", "is none" },
		{ "a\\", "is none" },
		{ "[[:none:]]", "is none" },
		{ "\\d+", "'\\d', which POSIX" },
		{ "(a)\\1", "'\\1', which POSIX" },
		{ "\\pL", "'\\p', which POSIX" },
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(err) struct err err = { 0 };
		assert_int_equal(ere_check(cases[i].pattern, &err), -EBADMSG);
		assert_non_null(strstr(err.text, cases[i].why));
		assert_false(ere_match(cases[i].pattern, "a"));
	}
}

/* The C library would make as many copies as these ask for. */
static void there_is_an_end_to_repetitions_groups_and_bytes(void **state)
{
	static const char *const bombs[] = {
		"((a{100}){100}){100}", "a{32767}",
		"(a{1,}){1001}",	"(((((((((((a+)+)+)+)+)+)+)+)+)+)+)+",
		"(a{,2000}b)+",		"a{9}{9}{9}{9}",
	};
	char deep[ERE_MAX_DEPTH + 2] = { 0 };
	AUTO(mem) char *longest = mem_alloc(ERE_MAX_BYTES + 2, 1);

	(void)state;
	for (size_t i = 0; i < array_len(bombs); i++) {
		AUTO(err) struct err err = { 0 };
		assert_int_equal(ere_check(bombs[i], &err), -EBADMSG);
		assert_non_null(strstr(err.text, "repeats more than 2000"));
	}
	memset(deep, '(', ERE_MAX_DEPTH + 1);
	AUTO(err) struct err err = { 0 };
	assert_int_equal(ere_check(deep, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "more than 30 groups"));
	memset(longest, 'a', ERE_MAX_BYTES + 1);
	assert_int_equal(ere_check(longest, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "more than 4096 bytes"));
	assert_int_equal(ere_check("(a{100}|b{800}){2}", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_match_somewhere),
		cmocka_unit_test(what_is_no_expression_is_told),
		cmocka_unit_test(there_is_an_end_to_repetitions_groups_and_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
