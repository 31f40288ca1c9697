/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rate_test - what is typed of a limit, and what is recorded
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "net/rate.h"

static void recorded_as(const char *typed, const char *recorded)
{
	AUTO(err) struct err err = { 0 };
	struct rate rate, again;

	assert_int_equal(rate_parse(typed, &rate, &err), 0);
	AUTO(mem) char *text = rate_print(&rate);
	if (!recorded) {
		assert_null(text);
		return;
	}
	assert_string_equal(text, recorded);
	assert_int_equal(rate_parse(text, &again, &err), 0);
	assert_int_equal(again.up, rate.up);
	assert_int_equal(again.down, rate.down);
}

static void one_number_is_for_both_ways_and_each_may_have_its_own(void **state)
{
	(void)state;
	recorded_as("10mbit", "10mbit");
	recorded_as("1.5Mbit", "1500kbit");
	recorded_as("8000", "8kbit");
	recorded_as("2gbit", "2gbit");
	recorded_as("up=10mbit", "up=10mbit");
	recorded_as("down=1gbit", "down=1gbit");
	recorded_as("down=1gbit,up=10mbit", "up=10mbit,down=1gbit");
	recorded_as("up=10mbit,down=10mbit", "10mbit");
	recorded_as("up=0,down=10mbit", "down=10mbit");
	recorded_as("0", NULL);
}

static void the_unit_is_of_bits_and_up_is_what_leaves(void **state)
{
	AUTO(err) struct err err = { 0 };
	struct rate rate;

	(void)state;
	assert_int_equal(rate_parse("up=8mbit,down=80kbit", &rate, &err), 0);
	assert_int_equal(rate.up, 1000000);
	assert_int_equal(rate.down, 10000);
}

static void what_is_no_rate_is_refused(void **state)
{
	static const char *const bad[] = {
		"",	   "fast",
		"10mbyte", "-1mbit",
		"7kbit",   "1e9",
		"100tbit", "1mbit,2mbit",
		"up=",	   "up=1mbit,sideways=1mbit",
		"1.2.3",   "10 mbit",
		"mbit",	   "up=1mbit,down=1mbit,up=1mbit",
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(err) struct err err = { 0 };
		struct rate rate = { 1, 2 };
		assert_int_equal(rate_parse(bad[i], &rate, &err), -EINVAL);
		assert_non_null(err.hint);
		assert_int_equal(rate.up, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_number_is_for_both_ways_and_each_may_have_its_own),
		cmocka_unit_test(the_unit_is_of_bits_and_up_is_what_leaves),
		cmocka_unit_test(what_is_no_rate_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
