/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * restart_test - whether a container that ended is started again, and when
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "monitor/restart.h"

#define MILLISECOND (CLOCK_SECOND / 1000)

static struct restart policy(const char *text)
{
	struct restart restart;

	assert_int_equal(restart_parse(text, &restart, NULL), 0);
	return restart;
}

static void a_policy_is_a_word_and_on_failure_may_have_a_count(void **state)
{
	(void)state;
	assert_int_equal(policy(NULL).policy, RESTART_NO);
	assert_int_equal(policy("").policy, RESTART_NO);
	assert_int_equal(policy("unless-stopped").policy, RESTART_UNLESS_STOPPED);
	assert_int_equal(policy("on-failure").most, 0);
	assert_int_equal(policy("on-failure:7").most, 7);
}

static void what_is_no_policy_is_refused(void **state)
{
	static const char *const bad[] = { "yes",
					   "Always",
					   "always:1",
					   "no:1",
					   "on-failure:",
					   "on-failure:-1",
					   "on-failure:99999999999",
					   "on-failure:1x",
					   "on-failure:1:2" };
	AUTO(err) struct err err = { 0 };
	struct restart restart;

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		assert_int_equal(restart_parse(bad[i], &restart, &err), -EINVAL);
		assert_non_null(err.text);
		err_clear(&err);
	}
}

static void on_failure_asks_for_the_status_and_the_count(void **state)
{
	struct restart any = policy("on-failure"), two = policy("on-failure:2");

	(void)state;
	assert_false(restart_wanted(&any, 0, 0));
	assert_true(restart_wanted(&any, 1, 1000));
	assert_true(restart_wanted(&two, 1, 1));
	assert_false(restart_wanted(&two, 1, 2));
}

static void always_and_unless_stopped_ask_for_nothing(void **state)
{
	struct restart always = policy("always"), unless = policy("unless-stopped"),
		       no = policy("no");

	(void)state;
	assert_true(restart_wanted(&always, 0, 1000));
	assert_true(restart_wanted(&unless, 0, 1000));
	assert_false(restart_wanted(&no, 1, 0));
}

static void at_boot_only_unless_stopped_remembers_that_it_was_stopped(void **state)
{
	struct restart always = policy("always"), unless = policy("unless-stopped"),
		       failure = policy("on-failure");

	(void)state;
	assert_true(restart_at_boot(&always, true, false));
	assert_false(restart_at_boot(&always, true, true));
	assert_true(restart_at_boot(&always, false, true));
	assert_false(restart_at_boot(&unless, true, false));
	assert_true(restart_at_boot(&unless, false, false));
	assert_false(restart_at_boot(&failure, false, false));
}

static void the_delay_doubles_up_to_a_minute(void **state)
{
	int64_t delay = 0;

	(void)state;
	for (int i = 0; i < 9; i++) {
		delay = restart_delay(delay, 0);
		assert_int_equal(delay, 100 * MILLISECOND << i);
	}
	for (int i = 0; i < 5; i++)
		delay = restart_delay(delay, 0);
	assert_int_equal(delay, 60 * CLOCK_SECOND);
}

static void ten_seconds_up_make_the_delay_short_again(void **state)
{
	(void)state;
	assert_int_equal(restart_delay(3200 * MILLISECOND, 10 * CLOCK_SECOND), 100 * MILLISECOND);
	assert_int_equal(restart_delay(3200 * MILLISECOND, 9 * CLOCK_SECOND), 6400 * MILLISECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_is_a_word_and_on_failure_may_have_a_count),
		cmocka_unit_test(what_is_no_policy_is_refused),
		cmocka_unit_test(on_failure_asks_for_the_status_and_the_count),
		cmocka_unit_test(always_and_unless_stopped_ask_for_nothing),
		cmocka_unit_test(at_boot_only_unless_stopped_remembers_that_it_was_stopped),
		cmocka_unit_test(the_delay_doubles_up_to_a_minute),
		cmocka_unit_test(ten_seconds_up_make_the_delay_short_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
