/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * course_test - what a check's result means, and when the next one is due
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "monitor/course.h"

#define S CLOCK_SECOND

static struct health_config usual(void)
{
	return (struct health_config){
		.interval = 30 * S, .timeout = 20 * S, .retries = 3, .startup_interval = 2 * S
	};
}

static void so_many_failures_in_a_row_make_it_unhealthy(void **state)
{
	struct health_config config = usual();
	struct course course = course_begin(&config);

	(void)state;
	assert_int_equal(course.status, HEALTH_STARTING);
	assert_int_equal(course_judge(&config, &course, false, 31 * S), COURSE_STAYS);
	assert_int_equal(course_judge(&config, &course, false, 61 * S), COURSE_STAYS);
	assert_int_equal(course_judge(&config, &course, false, 91 * S), COURSE_TURNS);
	assert_int_equal(course.status, HEALTH_UNHEALTHY);
	assert_int_equal(course.streak, 3);
	assert_int_equal(course_judge(&config, &course, false, 121 * S), COURSE_STAYS);
	assert_int_equal(course.streak, 4);
}

static void one_success_makes_it_healthy_and_the_streak_short(void **state)
{
	struct health_config config = usual();
	struct course course = course_begin(&config);

	(void)state;
	assert_int_equal(course_judge(&config, &course, false, 31 * S), COURSE_STAYS);
	assert_int_equal(course_judge(&config, &course, true, 61 * S), COURSE_TURNS);
	assert_int_equal(course.status, HEALTH_HEALTHY);
	assert_int_equal(course.streak, 0);
	assert_int_equal(course_judge(&config, &course, true, 91 * S), COURSE_STAYS);
}

static void failures_in_the_start_period_count_only_once_it_was_healthy(void **state)
{
	struct health_config config = usual();
	struct course course = course_begin(&config);

	(void)state;
	config.start_period = 100 * S;
	config.retries = 1;
	assert_int_equal(course_judge(&config, &course, false, 99 * S), COURSE_STAYS);
	assert_int_equal(course.streak, 0);
	assert_int_equal(course_judge(&config, &course, true, 99 * S), COURSE_TURNS);
	assert_int_equal(course_judge(&config, &course, false, 99 * S), COURSE_TURNS);
	assert_int_equal(course.status, HEALTH_UNHEALTHY);
}

static void the_first_check_comes_at_once_and_its_failure_does_not_count(void **state)
{
	struct health_config config = usual();
	struct course course = course_begin(&config);

	(void)state;
	assert_int_equal(course_delay(&config, &course, 0), 1);
	assert_int_equal(course_judge(&config, &course, false, S / 100), COURSE_STAYS);
	assert_int_equal(course.streak, 0);
	assert_int_equal(course_delay(&config, &course, S / 100), 30 * S);
}

static void checks_come_more_often_in_the_start_period(void **state)
{
	struct health_config config = usual();
	struct course course = course_begin(&config);

	(void)state;
	config.start_period = 60 * S;
	(void)course_judge(&config, &course, false, S);
	assert_int_equal(course_delay(&config, &course, S), 5 * S);
	config.start_interval = S;
	assert_int_equal(course_delay(&config, &course, S), S);
	assert_int_equal(course_delay(&config, &course, 61 * S), 30 * S);
	(void)course_judge(&config, &course, true, 2 * S);
	assert_int_equal(course_delay(&config, &course, 2 * S), 30 * S);
}

static void without_an_interval_nothing_is_asked_by_itself(void **state)
{
	struct health_config config = usual();
	struct course course = course_begin(&config);

	(void)state;
	config.interval = 0;
	assert_int_equal(course_delay(&config, &course, 0), 0);
}

static void the_startup_check_comes_first(void **state)
{
	struct health_config config = usual();
	int64_t timeout;

	(void)state;
	strv_add(&config.startup_test, "CMD-SHELL");
	config.startup_success = 2;
	struct course course = course_begin(&config);
	assert_ptr_equal(course_test(&config, &course, &timeout), &config.startup_test);
	assert_int_equal(course_delay(&config, &course, 0), 1);
	assert_int_equal(course_judge(&config, &course, true, S), COURSE_STAYS);
	assert_int_equal(course_delay(&config, &course, S), 2 * S);
	assert_int_equal(course_judge(&config, &course, false, S), COURSE_STAYS);
	assert_int_equal(course_judge(&config, &course, true, S), COURSE_STAYS);
	assert_true(course.startup);
	assert_int_equal(course_judge(&config, &course, true, S), COURSE_STAYS);
	assert_false(course.startup);
	assert_int_equal(course.status, HEALTH_STARTING);
	assert_int_equal(course_delay(&config, &course, S), 1);
	assert_ptr_equal(course_test(&config, &course, &timeout), &config.test);
	assert_int_equal(timeout, 20 * S);
	strv_clear(&config.startup_test);
}

static void a_startup_check_that_fails_too_often_gives_up(void **state)
{
	struct health_config config = usual();

	(void)state;
	strv_add(&config.startup_test, "CMD-SHELL");
	struct course course = course_begin(&config);
	for (int i = 0; i < 100; i++)
		assert_int_equal(course_judge(&config, &course, false, S), COURSE_STAYS);
	config.startup_retries = 2;
	course = course_begin(&config);
	assert_int_equal(course_judge(&config, &course, false, S), COURSE_STAYS);
	assert_int_equal(course_judge(&config, &course, false, S), COURSE_GIVES_UP);
	strv_clear(&config.startup_test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_failures_in_a_row_make_it_unhealthy),
		cmocka_unit_test(one_success_makes_it_healthy_and_the_streak_short),
		cmocka_unit_test(failures_in_the_start_period_count_only_once_it_was_healthy),
		cmocka_unit_test(the_first_check_comes_at_once_and_its_failure_does_not_count),
		cmocka_unit_test(checks_come_more_often_in_the_start_period),
		cmocka_unit_test(without_an_interval_nothing_is_asked_by_itself),
		cmocka_unit_test(the_startup_check_comes_first),
		cmocka_unit_test(a_startup_check_that_fails_too_often_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
