/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * harmless_test - what a terminal would obey is shown
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/harmless.h"
#include "base/str.h"

static void expect(const char *given, const char *wanted)
{
	AUTO(mem) char *text = harmless(given);

	assert_string_equal(text, wanted);
}

static void plain_texts_stay(void **state)
{
	(void)state;
	expect("", "");
	expect("no such file: '/a b'\n\tand more", "no such file: '/a b'\n\tand more");
	expect("größer … 日本 🚢", "größer … 日本 🚢");
}

static void controls_are_shown(void **state)
{
	(void)state;
	expect("\x1b[31mred\x07\r\x7f", "\\x1b[31mred\\x07\\x0d\\x7f");
	expect("\xc2\x9b"
	       "31m",
	       "\\u009b31m");
	expect("a\xe2\x80\xae"
	       "b\xe2\x81\xa6\xe2\x80\xa8",
	       "a\\u202eb\\u2066\\u2028");
}

static void bytes_that_are_no_characters_are_shown(void **state)
{
	(void)state;
	expect("\x9b\xff\xc3", "\\x9b\\xff\\xc3");
	/* longer than needed, and cut short */
	expect("\xc0\x9b\xe2\x80", "\\xc0\\x9b\\xe2\\x80");
	/* half of a surrogate, and beyond the last */
	expect("\xed\xa0\x80\xf4\x90\x80\x80", "\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80");
	expect("\xf0\x80\x80\x9b", "\\xf0\\x80\\x80\\x9b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_texts_stay),
		cmocka_unit_test(controls_are_shown),
		cmocka_unit_test(bytes_that_are_no_characters_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
