/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather_test - when the monitor rests before it reads a container's output again
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "monitor/gather.h"

enum { LINE = 75, SOON = GATHER_REST / 10 };

/* Return: which piece of a row was the first to be rested after; 0: none. */
static int first_rest(struct gather *g, enum stream stream, size_t size, int64_t apart,
		      int64_t *now)
{
	for (int i = 1; i <= 2 * GATHER_ROW; i++)
		if (gather_rests(g, stream, size, *now += apart))
			return i;
	return 0;
}

static void a_row_of_small_pieces_is_gathered(void **state)
{
	struct gather g = { 0 };
	int64_t now = 1000 * (int64_t)GATHER_REST;

	(void)state;
	assert_int_equal(first_rest(&g, STREAM_OUT, LINE, SOON, &now), GATHER_ROW);
	for (int i = 0; i < 10;
	     i++) /* a rest and a little more lies between two of them from now on */
		assert_true(
			gather_rests(&g, STREAM_OUT, 20 * (size_t)LINE, now += GATHER_REST + SOON));
}

static void pieces_far_apart_are_not(void **state)
{
	struct gather g = { 0 };
	int64_t now = 1000 * (int64_t)GATHER_REST;

	(void)state;
	assert_int_equal(first_rest(&g, STREAM_OUT, LINE, GATHER_REST + 1, &now), 0);
}

static void after_a_silence_a_row_begins_anew(void **state)
{
	struct gather g = { 0 };
	int64_t now = 1000 * (int64_t)GATHER_REST;

	(void)state;
	(void)first_rest(&g, STREAM_ERR, LINE, SOON, &now);
	now += GATHER_REST + SOON;
	assert_false(gather_rests(&g, STREAM_ERR, 0, now)); /* nothing came meanwhile */
	now += GATHER_REST;
	assert_int_equal(first_rest(&g, STREAM_ERR, LINE, SOON, &now), GATHER_ROW);
}

static void both_streams_in_turns_keep_their_order(void **state)
{
	struct gather g = { 0 };
	int64_t now = 1000 * (int64_t)GATHER_REST;

	(void)state;
	for (int i = 0; i < 4 * GATHER_ROW; i++)
		assert_false(gather_rests(&g, i % 2 ? STREAM_ERR : STREAM_OUT, LINE, now += SOON));
	assert_int_equal(first_rest(&g, STREAM_OUT, LINE, SOON, &now), GATHER_ROW);
	assert_false(gather_rests(&g, STREAM_ERR, LINE, now += SOON));
	assert_false(gather_rests(&g, STREAM_OUT, LINE, now += SOON));
}

static void large_pieces_are_read_at_once(void **state)
{
	struct gather g = { 0 };
	int64_t now = 1000 * (int64_t)GATHER_REST;

	(void)state;
	assert_int_equal(first_rest(&g, STREAM_OUT, GATHER_SMALL + 1, SOON, &now), 0);
	assert_int_equal(first_rest(&g, STREAM_OUT, GATHER_SMALL, SOON, &now), GATHER_ROW - 1);
	assert_false(gather_rests(&g, STREAM_OUT, GATHER_SMALL + 1, now += SOON));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_of_small_pieces_is_gathered),
		cmocka_unit_test(pieces_far_apart_are_not),
		cmocka_unit_test(after_a_silence_a_row_begins_anew),
		cmocka_unit_test(both_streams_in_turns_keep_their_order),
		cmocka_unit_test(large_pieces_are_read_at_once),
	};

	return cmocka_run_group_tests_name("gather", tests, NULL, NULL);
}
