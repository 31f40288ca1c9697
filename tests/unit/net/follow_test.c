/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * follow_test - when a thread goes to its client's processor
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>

#include "base/clock.h"
#include "cubby-net/follow.h"

enum { SOON = 4, MANY = 1000 };

static const int64_t moment = 1000; /* between two looks, nanoseconds */

/* Looks until it moves, or MANY. */
static int looks(struct follow *f, bool apart, int64_t *now)
{
	for (int i = 1; i < MANY; i++) {
		*now += moment;
		if (follow_decide(f, apart, *now))
			return i;
	}
	return MANY;
}

static void it_goes_where_the_client_stays(void **state)
{
	(void)state;
	struct follow f = { 0 };
	int64_t now = CLOCK_SECOND;

	assert_int_equal(looks(&f, true, &now), SOON);
}

static void it_stays_where_the_client_is_met(void **state)
{
	(void)state;
	struct follow f = { 0 };
	int64_t now = CLOCK_SECOND;

	assert_int_equal(looks(&f, false, &now), MANY);
	for (int i = 0; i < MANY; i++, now += moment)
		assert_false(follow_decide(&f, i % 2 == 0, now));
}

/* Clients on several processors, or one that is taken elsewhere each time. */
static void what_does_not_last_is_tried_seldom(void **state)
{
	(void)state;
	struct follow f = { 0 };
	int64_t now = CLOCK_SECOND;
	int moves = 0;

	for (const int64_t end = now + 10 * CLOCK_SECOND; now < end; now += moment)
		moves += follow_decide(&f, true, now);
	assert_in_range(moves, 60, 70);
	assert_int_equal(f.pause, FOLLOW_PAUSE_MOST);

	assert_int_equal(looks(&f, false, &now), MANY);
	now += CLOCK_SECOND;
	assert_int_equal(looks(&f, true, &now), SOON);
	assert_int_equal(f.pause, FOLLOW_PAUSE);
}

static void where_nothing_is_told_nothing_is_done(void **state)
{
	(void)state;
	struct follow f = { 0 };
	cpu_set_t before, after;

	assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
	for (int i = 0; i < MANY; i++)
		follow_client(&f, 1, -1, CLOCK_SECOND);
	assert_int_equal(sched_getaffinity(0, sizeof after, &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
	assert_int_equal(f.next, 0);
}

static void who_talks_in_turns_is_not_followed(void **state)
{
	(void)state;
	struct follow f = { 0 };

	for (uint64_t i = 0; i < MANY; i++) {
		follow_client(&f, 1 + i % 2, -1, CLOCK_SECOND);
		assert_int_equal(f.messages, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_where_the_client_stays),
		cmocka_unit_test(it_stays_where_the_client_is_met),
		cmocka_unit_test(who_talks_in_turns_is_not_followed),
		cmocka_unit_test(what_does_not_last_is_tried_seldom),
		cmocka_unit_test(where_nothing_is_told_nothing_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
