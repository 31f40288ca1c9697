/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vigil_test - when a wait awake is worth it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cubby-net/vigil.h"

enum { MANY = 1000, LATE = 10 * VIGIL_LENGTH, SOON = VIGIL_LENGTH / 2 };

static int messages_until_worth(struct vigil *v)
{
	int count = 0;

	for (; !vigil_worth(v) && count < 100 * MANY; count++)
		vigil_slept(v, SOON);
	return count;
}

static void it_sleeps_until_something_came_soon(void **state)
{
	(void)state;
	struct vigil v = { 0 };

	assert_false(vigil_worth(&v));
	vigil_slept(&v, SOON);
	assert_true(vigil_worth(&v));
}

static void what_comes_late_is_slept_for(void **state)
{
	(void)state;
	struct vigil v = { 0 };

	for (int i = 0; i < MANY; i++) {
		vigil_slept(&v, LATE);
		assert_false(vigil_worth(&v));
	}
	assert_in_range(messages_until_worth(&v), 2, MANY);
}

static void of_waits_for_nothing_there_are_few(void **state)
{
	(void)state;
	struct vigil v = { 0 };
	int waits = 0;

	for (int i = 0; i < MANY; i++) {
		if (!vigil_worth(&v)) {
			vigil_slept(&v, SOON);
			continue;
		}
		vigil_missed(&v, 0);
		waits++;
	}
	assert_in_range(waits, 1, MANY / 4);
}

static void one_wait_for_nothing_among_many_is_borne(void **state)
{
	(void)state;
	struct vigil v = { 0 };

	for (int i = 0; i < MANY; i++)
		vigil_kept(&v);
	vigil_missed(&v, 0);
	assert_true(vigil_worth(&v));
}

static void a_crowded_processor_is_left_alone_twice_as_long_each_time(void **state)
{
	(void)state;
	struct vigil v = { 0 };
	int before = 0;

	for (int i = 0; i < 5; i++) {
		for (int k = 0; k < 3; k++)
			vigil_slept(&v, SOON);
		assert_true(vigil_worth(&v));
		vigil_missed(&v, 2 * VIGIL_CROWDED);
		assert_false(vigil_worth(&v));
		struct vigil copy = v;
		int now = messages_until_worth(&copy);
		assert_true(now >= 2 * before - 1);
		before = now;
		v.credit = 0;
	}
	for (int i = 0; i < 50; i++)
		vigil_missed(&v, 2 * VIGIL_CROWDED);
	assert_in_range(messages_until_worth(&v), MANY, 10 * MANY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_sleeps_until_something_came_soon),
		cmocka_unit_test(what_comes_late_is_slept_for),
		cmocka_unit_test(of_waits_for_nothing_there_are_few),
		cmocka_unit_test(one_wait_for_nothing_among_many_is_borne),
		cmocka_unit_test(a_crowded_processor_is_left_alone_twice_as_long_each_time),
	};

	return cmocka_run_group_tests_name("vigil", tests, NULL, NULL);
}
