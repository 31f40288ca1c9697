/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * idmap_test - maps hold their invariants, and nested maps put the caller where it is wanted
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "kern/idmap.h"

static void ranges_never_overlap_on_either_side(void **state)
{
	AUTO(idmap) struct idmap map = { 0 };

	(void)state;
	assert_int_equal(idmap_add(&map, 10, 1000, 10), 0);
	assert_int_equal(idmap_add(&map, 19, 5000, 1), -EINVAL);
	assert_int_equal(idmap_add(&map, 50, 1009, 5), -EINVAL);
	assert_int_equal(idmap_add(&map, 0, 0, 0), -EINVAL);
	assert_int_equal(idmap_add(&map, UINT32_MAX, 1, 1), -EINVAL);
	assert_int_equal(idmap_add(&map, 0, 1010, 10), 0);
	assert_int_equal(map.items[0].inside, 0);
	assert_int_equal(map.count, 2);
}

static void a_map_is_completed_so_that_each_id_has_one_on_either_side(void **state)
{
	static const struct {
		const char *map, *completed;
	} cases[] = {
		{ "", "0 0 100\n" },
		{ "0 0 100\n", "0 0 100\n" },
		{ "0 1 99\n", "0 1 99\n99 0 1\n" },
		{ "0 1 10\n", "0 1 10\n10 0 1\n11 11 89\n" },
		{ "0 50 10\n20 0 5\n", "0 50 10\n10 5 10\n20 0 5\n25 15 35\n60 60 40\n" },
		{ "5 0 1\n", "0 1 5\n5 0 1\n6 6 94\n" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(idmap) struct idmap map = { 0 };
		uint32_t there, back;
		assert_int_equal(*cases[i].map ? idmap_parse(cases[i].map, &map) : 0, 0);
		assert_int_equal(idmap_complete(&map, 100), 0);
		AUTO(mem) char *text = idmap_print(&map);
		assert_string_equal(text, cases[i].completed);
		for (uint32_t id = 0; id < 100; id++) {
			assert_int_equal(idmap_outside(&map, id, &there), 0);
			assert_int_equal(idmap_inside(&map, there, &back), 0);
			assert_int_equal(back, id);
		}
		assert_int_equal(idmap_inside(&map, 100, &back), -ENOENT);
	}
	AUTO(idmap) struct idmap beyond = { 0 };
	assert_int_equal(idmap_add(&beyond, 99, 0, 2), 0);
	assert_int_equal(idmap_complete(&beyond, 100), -EINVAL);
}

static void a_map_has_no_more_ranges_than_the_kernel_takes(void **state)
{
	AUTO(idmap) struct idmap map = { 0 };

	(void)state;
	for (uint32_t i = 0; i < IDMAP_RANGES_MAX; i++)
		assert_int_equal(idmap_add(&map, i, i, 1), 0);
	assert_int_equal(idmap_add(&map, 9999, 9999, 1), -E2BIG);
}

static void sub_ids_are_found_by_name_and_number_and_damage_is_skipped(void **state)
{
	static const char text[] = "ann:100000:65536\n"
				   "# bob:1:2\n"
				   "bob:200000:1000\n"
				   "bob:zzz:1000\n"
				   "bob:300000\n"
				   "bob:400000:0\n"
				   "1001:500000:10\n"
				   "bob:4294967295:2\n"
				   "bobby:600000:10";
	AUTO(idmap) struct idmap found = { 0 };

	(void)state;
	assert_int_equal(idmap_subids(text, "bob", 1001, &found), 2);
	assert_int_equal(found.items[0].outside, 200000);
	assert_int_equal(found.items[1].outside, 500000);
}

static void the_rootless_map_joins_all_ranges(void **state)
{
	AUTO(idmap) struct idmap sub = { 0 };
	AUTO(idmap) struct idmap map = { 0 };
	AUTO(mem) char *text = NULL;

	(void)state;
	*vec_push(&sub) = (struct id_range){ .outside = 200000, .count = 1000 };
	*vec_push(&sub) = (struct id_range){ .outside = 100000, .count = 50 };
	assert_int_equal(idmap_rootless(1001, &sub, &map), 0);
	text = idmap_print(&map);
	assert_string_equal(text, "0 1001 1\n1 200000 1000\n1001 100000 50\n");
	assert_int_equal(idmap_size(&map), 1051);
}

static void a_range_that_holds_the_own_id_is_refused(void **state)
{
	AUTO(idmap) struct idmap sub = { 0 };
	AUTO(idmap) struct idmap map = { 0 };

	(void)state;
	*vec_push(&sub) = (struct id_range){ .outside = 1000, .count = 10 };
	assert_int_equal(idmap_rootless(1001, &sub, &map), -EINVAL);
	assert_int_equal(map.count, 0);
}

static void keep_id_puts_the_caller_at_the_id_and_shifts_those_below(void **state)
{
	AUTO(idmap) struct idmap map = { 0 };
	AUTO(mem) char *text = NULL;
	AUTO(idmap) struct idmap none = { 0 };

	(void)state;
	assert_int_equal(idmap_keep_id(65537, 1000, &map), 0);
	text = idmap_print(&map);
	assert_string_equal(text, "0 1 1000\n1000 0 1\n1001 1001 64536\n");
	assert_int_equal(idmap_keep_id(65537, 70000, &none), -ERANGE);
}

static void keep_id_with_one_id_maps_just_that(void **state)
{
	AUTO(idmap) struct idmap map = { 0 };
	uint32_t outside = 7;

	(void)state;
	assert_int_equal(idmap_keep_id(1, 1000, &map), 0);
	assert_int_equal(idmap_outside(&map, 1000, &outside), 0);
	assert_int_equal(outside, 0);
	assert_int_equal(idmap_outside(&map, 0, &outside), -ERANGE);
}

static void swapping_exchanges_one_id_with_root(void **state)
{
	AUTO(idmap) struct idmap map = { 0 };
	AUTO(idmap) struct idmap root = { 0 };
	AUTO(mem) char *text = NULL;

	(void)state;
	assert_int_equal(idmap_swap(100, 1, &map), 0);
	text = idmap_print(&map);
	assert_string_equal(text, "0 1 1\n1 0 1\n2 2 98\n");
	assert_int_equal(idmap_swap(100, 0, &root), 0);
	assert_int_equal(root.count, 1);
}

static void a_nested_map_is_cut_where_the_outer_ranges_end(void **state)
{
	AUTO(idmap) struct idmap outer = { 0 };
	AUTO(idmap) struct idmap map = { 0 };
	AUTO(idmap) struct idmap beyond = { 0 };
	AUTO(mem) char *text = NULL;

	(void)state;
	assert_int_equal(idmap_add(&outer, 0, 1000, 1), 0);
	assert_int_equal(idmap_add(&outer, 1, 100000, 50), 0);
	assert_int_equal(idmap_add(&outer, 51, 300000, 49), 0);
	assert_int_equal(idmap_swap(100, 10, &map), 0);
	assert_int_equal(idmap_split(&map, &outer), 0);
	text = idmap_print(&map);
	assert_string_equal(text, "0 10 1\n1 1 9\n10 0 1\n11 11 40\n51 51 49\n");
	assert_int_equal(idmap_swap(101, 0, &beyond), 0);
	assert_int_equal(idmap_split(&beyond, &outer), -ERANGE);
	assert_int_equal(beyond.count, 1);
}

static void what_is_printed_is_read_back(void **state)
{
	AUTO(idmap) struct idmap map = { 0 };
	AUTO(idmap) struct idmap bad = { 0 };

	(void)state;
	assert_int_equal(idmap_parse("         0       1001          1\n"
				     "         1     100000      65536\n",
				     &map),
			 0);
	assert_int_equal(map.count, 2);
	assert_int_equal(idmap_parse("0 1", &bad), -EINVAL);
	assert_int_equal(idmap_parse("0 1 1\n0 5 1\n", &bad), -EINVAL);
	assert_true(idmap_equal(&map, &map));
	assert_false(idmap_equal(&map, &bad));
}

static void ranges_are_words_in_their_order(void **state)
{
	AUTO(idmap) struct idmap map = { 0 };
	AUTO(strv) struct strv words = { 0 };

	(void)state;
	strv_add(&words, "before");
	assert_int_equal(idmap_add(&map, 5, 3000, 10), 0);
	assert_int_equal(idmap_add(&map, 0, 1, 5), 0);
	idmap_texts(&map, &words);
	AUTO(mem) char *text = str_join(&words, " ");
	assert_string_equal(text, "before 0:1:5 5:3000:10");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_never_overlap_on_either_side),
		cmocka_unit_test(a_map_is_completed_so_that_each_id_has_one_on_either_side),
		cmocka_unit_test(a_map_has_no_more_ranges_than_the_kernel_takes),
		cmocka_unit_test(sub_ids_are_found_by_name_and_number_and_damage_is_skipped),
		cmocka_unit_test(the_rootless_map_joins_all_ranges),
		cmocka_unit_test(a_range_that_holds_the_own_id_is_refused),
		cmocka_unit_test(keep_id_puts_the_caller_at_the_id_and_shifts_those_below),
		cmocka_unit_test(keep_id_with_one_id_maps_just_that),
		cmocka_unit_test(swapping_exchanges_one_id_with_root),
		cmocka_unit_test(a_nested_map_is_cut_where_the_outer_ranges_end),
		cmocka_unit_test(what_is_printed_is_read_back),
		cmocka_unit_test(ranges_are_words_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
