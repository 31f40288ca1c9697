/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * character_test - what is a character of UTF-8, and what is none
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/character.h"

static void is(const char *text, size_t bytes, uint32_t wanted)
{
	uint32_t number = 0;

	assert_int_equal(character_read(text, &number), bytes);
	assert_int_equal(number, wanted);
}

static void is_none(const char *text)
{
	is(text, 0, 0);
}

static void characters_have_one_to_four_bytes(void **state)
{
	(void)state;
	is("", 1, 0);
	is("a", 1, 'a');
	is("\x7f", 1, 0x7f);
	is("\xc2\x80", 2, 0x80);
	is("\xc3\xb6x", 2, 0xf6);
	is("\xe2\x80\xae", 3, 0x202e);
	is("\xed\x9f\xbf", 3, 0xd7ff);
	is("\xee\x80\x80", 3, 0xe000);
	is("\xf4\x8f\xbf\xbf", 4, 0x10ffff);
}

static void other_bytes_are_none(void **state)
{
	(void)state;
	is_none("\x80");
	is_none("\xff\xbf\xbf\xbf");
	is_none("\xc3");
	is_none("\xe2\x80");
	is_none("\xf0\x9f\x9a");
}

static void forms_that_are_too_long_are_none(void **state)
{
	(void)state;
	is_none("\xc0\x80");
	is_none("\xc1\xbf");
	is_none("\xe0\x9f\xbf");
	is_none("\xf0\x8f\xbf\xbf");
}

static void numbers_that_no_character_has_are_none(void **state)
{
	(void)state;
	is_none("\xed\xa0\x80");
	is_none("\xed\xbf\xbf");
	is_none("\xf4\x90\x80\x80");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_have_one_to_four_bytes),
		cmocka_unit_test(other_bytes_are_none),
		cmocka_unit_test(forms_that_are_too_long_are_none),
		cmocka_unit_test(numbers_that_no_character_has_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
