/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clock - times as they are typed
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"

static int64_t parsed(const char *text)
{
	int64_t out = 7;

	assert_int_equal(clock_parse(text, 1000 * CLOCK_SECOND, &out), 0);
	return out;
}

static void a_time_is_a_date_a_number_or_a_span(void **state)
{
	(void)state;
	assert_true(parsed("1970-01-01T00:01:00Z") == 60 * CLOCK_SECOND);
	assert_true(parsed("1970-01-01T01:01:00.5+01:00") == 60 * CLOCK_SECOND + CLOCK_SECOND / 2);
	assert_true(parsed("12.5") == 12 * CLOCK_SECOND + CLOCK_SECOND / 2);
	assert_true(parsed("10m") == 400 * CLOCK_SECOND);
	assert_true(parsed("-10s") == 1010 * CLOCK_SECOND);
}

static void a_time_beyond_all_is_the_last_or_the_first(void **state)
{
	(void)state;
	assert_true(parsed("2999-01-01T00:00:00Z") == INT64_MAX);
	assert_true(parsed("2999-01-01") == INT64_MAX);
	assert_true(parsed("1000-01-01T00:00:00Z") == INT64_MIN);
	assert_true(parsed("-9223372036s") == INT64_MAX);
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = { "",		 "soon", "1e3", "99999999999999999999",
					   "2024-13-01", "10x" };
	int64_t out;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_not_equal(clock_parse(bad[i], 0, &out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_a_date_a_number_or_a_span),
		cmocka_unit_test(a_time_beyond_all_is_the_last_or_the_first),
		cmocka_unit_test(what_is_no_time_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
