/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * utf8 - what is text in a run of bytes
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

static void becomes(const char *bytes, size_t size, const char *text)
{
	AUTO(mem) char *made = utf8_text(bytes, size);

	assert_string_equal(made, text);
}

#define BECOMES(bytes, text) becomes(bytes, sizeof bytes - 1, text)
#define NONE "\xef\xbf\xbd"

static void what_is_no_character_is_replaced_byte_by_byte(void **state)
{
	(void)state;
	BECOMES("", "");
	BECOMES("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xbb", "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xbb");
	BECOMES("a\0b", "ab");
	BECOMES("\xff\xfe", NONE NONE);
	BECOMES("\xc3", NONE);
	BECOMES("\xe2\x82", NONE NONE);
	BECOMES("\xc0\xaf", NONE NONE);
	BECOMES("\xed\xa0\x80", NONE NONE NONE);
	BECOMES("\xf4\x90\x80\x80", NONE NONE NONE NONE);
}

static void a_character_is_not_torn(void **state)
{
	(void)state;
	assert_int_equal(utf8_cut("a\xe2\x82\xac", 4), 4);
	assert_int_equal(utf8_cut("a\xe2\x82\xac", 3), 1);
	assert_int_equal(utf8_cut("a\xe2\x82\xac", 2), 1);
	assert_int_equal(utf8_cut("\x82\x82\x82\x82", 4), 4);
	assert_int_equal(utf8_cut("a", 0), 0);
}

static void a_length_is_of_more_than_one_byte(void **state)
{
	(void)state;
	assert_int_equal(utf8_length("a", 1), 0);
	assert_int_equal(utf8_length("\xc3\xa4x", 3), 2);
	assert_int_equal(utf8_length("\xf0\x9f\x90\xbb", 4), 4);
	assert_int_equal(utf8_length("\xf0\x9f\x90\xbb", 3), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_character_is_replaced_byte_by_byte),
		cmocka_unit_test(a_character_is_not_torn),
		cmocka_unit_test(a_length_is_of_more_than_one_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
