/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place_test - where a thread is quicker, with its client or apart from it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cubby-net/place.h"

enum { EACH = 8 /* messages between two looks */, QUICK = 20000, SLOW = 25000 /* ns a message */ };

/* A client, the thread that serves it, and how long a message takes where they are. */
struct world {
	struct place place;
	int64_t now;
	uint32_t passed;
	bool apart;
	bool parts; /* the scheduler parts them at once, each time */
	int64_t with_takes, apart_takes;
	int goes, leaves;
};

static struct world begin(int64_t with_takes, int64_t apart_takes)
{
	return (struct world){ .now = CLOCK_SECOND,
			       .passed = UINT32_MAX - EACH, /* it may wrap */
			       .apart = true,
			       .with_takes = with_takes,
			       .apart_takes = apart_takes };
}

static void look(struct world *w)
{
	w->now += EACH * (w->apart ? w->apart_takes : w->with_takes);
	w->passed += EACH;
	enum place_move what = place_look(&w->place, w->apart, w->passed, w->now);
	w->goes += what == PLACE_GO;
	w->leaves += what == PLACE_LEAVE;
	if (what != PLACE_STAY)
		w->apart = w->parts || what == PLACE_LEAVE;
}

/* Return: of 100 nanoseconds of so many, how many they were together. */
static int together(struct world *w, int64_t time)
{
	const int64_t from = w->now;
	int64_t with = 0;

	while (w->now - from < time) {
		const int64_t before = w->now;
		const bool was_with = !w->apart;
		look(w);
		with += was_with ? w->now - before : 0;
	}
	return (int)(100 * with / (w->now - from));
}

static void at_first_it_is_left_alone(void **state)
{
	struct world w = begin(QUICK, SLOW);

	(void)state;
	(void)together(&w, PLACE_SPAN / 2);
	assert_int_equal(w.goes, 0);
	(void)together(&w, PLACE_SPAN);
	assert_int_equal(w.goes, 1);
}

static void where_it_is_quicker_it_goes(void **state)
{
	struct world w = begin(QUICK, SLOW);

	(void)state;
	(void)together(&w, CLOCK_SECOND);
	assert_true(together(&w, 10 * CLOCK_SECOND) > 90);
}

static void where_it_is_slower_it_does_not(void **state)
{
	struct world w = begin(SLOW, QUICK);

	(void)state;
	(void)together(&w, CLOCK_SECOND);
	assert_true(together(&w, 10 * CLOCK_SECOND) < 10);
	assert_int_equal(w.leaves, w.goes);
}

static void where_it_is_the_same_it_is_left_alone(void **state)
{
	struct world w = begin(QUICK, QUICK);

	(void)state;
	(void)together(&w, CLOCK_SECOND);
	assert_true(together(&w, 10 * CLOCK_SECOND) < 10);
}

static void what_changes_is_found(void **state)
{
	struct world w = begin(QUICK, SLOW);

	(void)state;
	for (int i = 0; i < 4; i++) {
		w.with_takes = i % 2 ? SLOW : QUICK;
		w.apart_takes = i % 2 ? QUICK : SLOW;
		(void)together(&w, 2 * CLOCK_SECOND);
		assert_in_range(together(&w, CLOCK_SECOND), i % 2 ? 0 : 80, i % 2 ? 20 : 100);
	}
}

static void what_is_taken_elsewhere_is_followed_now_and_then(void **state)
{
	struct world w = begin(QUICK, QUICK);

	(void)state;
	w.parts = true;
	w.place.better = w.place.moves = true;
	(void)together(&w, CLOCK_SECOND);
	assert_in_range(w.goes, 50, CLOCK_SECOND / PLACE_PAUSE);
}

static void a_client_here_and_there_is_not_followed(void **state)
{
	struct world w = begin(QUICK, SLOW);

	(void)state;
	for (int i = 0; w.now < 4 * CLOCK_SECOND; i++) {
		w.apart = i % 4 != 0;
		look(&w);
	}
	assert_int_equal(w.goes, 0);
}

static void a_client_that_rests_is_not_followed(void **state)
{
	struct world w = begin(CLOCK_SECOND, CLOCK_SECOND);

	(void)state;
	(void)together(&w, 1000 * CLOCK_SECOND);
	assert_int_equal(w.goes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_first_it_is_left_alone),
		cmocka_unit_test(where_it_is_quicker_it_goes),
		cmocka_unit_test(where_it_is_slower_it_does_not),
		cmocka_unit_test(where_it_is_the_same_it_is_left_alone),
		cmocka_unit_test(what_changes_is_found),
		cmocka_unit_test(what_is_taken_elsewhere_is_followed_now_and_then),
		cmocka_unit_test(a_client_here_and_there_is_not_followed),
		cmocka_unit_test(a_client_that_rests_is_not_followed),
	};

	return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
