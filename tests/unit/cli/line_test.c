/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * line_test - texts as single lines of a terminal
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/line.h"

static void what_a_terminal_would_obey_is_left_out(void **state)
{
	static const struct {
		const char *printed, *shown;
	} cases[] = {
		{ "plain", "plain" },
		{ "", "" },
		{ "\x1b[1;31mred\x1b[0m text", "red text" },
		{ "\x1b]0;title\a"
		  "text",
		  "text" },
		{ "\x1b]8;;http://x\x1b\\link", "link" },
		{ "\x1b(Btext", "text" },
		{ "\x1b"
		  "7text",
		  "text" },
		{ "10%\r20%\r30%", "30%" },
		{ "10%\r20%\r", "20%" },
		{ "dos\r", "dos" },
		{ "\r\r", "" },
		{ "a\tb\b", "a b" },
		{ "cut \x1b[3", "cut " },
		{ "cut \x1b", "cut " },
		{ "cut \x1b]0;no end", "cut " },
		{ "cut \x1b(", "cut " },
		{ "bell\a", "bell\\x07" },
		{ "\xe2\x80\xae"
		  "turned",
		  "\\u202eturned" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(mem) char *text = line_clean(cases[i].printed, strlen(cases[i].printed));
		assert_string_equal(text, cases[i].shown);
	}
}

static void what_stands_at_the_right_end_stays_whole(void **state)
{
	AUTO(mem) char *wide = line_join("left", "1s", 12, 2);
	AUTO(mem) char *narrow = line_join("a long text", "1s", 10, 2);
	AUTO(mem) char *letters = line_join("äöü", "1s", 8, 2);
	AUTO(mem) char *alone = line_join("a long text", "", 6, 2);
	AUTO(mem) char *none = line_join("text", "12m30s", 4, 2);

	(void)state;
	assert_string_equal(wide, "left      1s");
	assert_string_equal(narrow, "a lon…  1s");
	assert_string_equal(letters, "äöü   1s");
	assert_string_equal(alone, "a lon…");
	assert_string_equal(none, "…  12m30s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_terminal_would_obey_is_left_out),
		cmocka_unit_test(what_stands_at_the_right_end_stays_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
