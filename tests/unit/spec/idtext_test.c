/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * idtext_test - the texts of --uidmap and --gidmap
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "spec/idtext.h"

static void outer_init(struct idmap *outer)
{
	assert_int_equal(idmap_add(outer, 0, 1000, 1), 0);
	assert_int_equal(idmap_add(outer, 1, 100000, 65536), 0);
}

static void expect(const char *const *texts, size_t count, bool whole, const char *want)
{
	AUTO(idmap) struct idmap outer = { 0 };
	AUTO(idmap) struct idmap map = { 0 };

	outer_init(&outer);
	if (whole)
		assert_int_equal(idmap_add(&map, 0, 0, 65537), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(idtext_apply(texts[i], 'u', &outer, &map, NULL), 1);
	AUTO(mem) char *text = idmap_print(&map);
	assert_string_equal(text, want);
}

static void ranges_are_added(void **state)
{
	(void)state;
	expect((const char *const[]){ "0:1:10", "10:100" }, 2, false, "0 1 10\n10 100 1\n");
	expect((const char *const[]){ "5:@1000:1", "6:@100001:2" }, 2, false, "5 0 1\n6 2 2\n");
}

static void a_plus_makes_room_on_both_sides(void **state)
{
	(void)state;
	expect((const char *const[]){ "+0:5:1" }, 1, true, "0 5 1\n1 1 4\n6 6 65531\n");
	expect((const char *const[]){ "u+10:20:5" }, 1, true,
	       "0 0 10\n10 20 5\n15 15 5\n25 25 65512\n");
	expect((const char *const[]){ "+0:0:65537" }, 1, true, "0 0 65537\n");
}

static void a_text_for_the_other_kind_changes_nothing(void **state)
{
	AUTO(idmap) struct idmap outer = { 0 };
	AUTO(idmap) struct idmap map = { 0 };

	(void)state;
	outer_init(&outer);
	assert_int_equal(idtext_apply("g0:0:1", 'u', &outer, &map, NULL), 0);
	assert_int_equal(idtext_apply("ug0:0:1", 'u', &outer, &map, NULL), 1);
	assert_int_equal(map.count, 1);
}

static void what_is_no_map_is_refused(void **state)
{
	static const struct {
		const char *text;
		int code;
	} bad[] = {
		{ "", -EINVAL },
		{ "0", -EINVAL },
		{ "0:1:0", -EINVAL },
		{ "0:1:2:3", -EINVAL },
		{ "a:1:1", -EINVAL },
		{ "-1:1:1", -EINVAL },
		{ "0:0:65538", -ERANGE },
		{ "0:70000:1", -ERANGE },
		{ "0:@999:1", -ERANGE },
		{ "0:@:1", -EINVAL },
		{ "x0:1:1", -EINVAL },
		{ "0:1:4294967295", -EINVAL },
		{ "4294967294:1:9", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(idmap) struct idmap outer = { 0 };
		AUTO(idmap) struct idmap map = { 0 };
		AUTO(err) struct err err = { 0 };
		outer_init(&outer);
		int r = idtext_apply(bad[i].text, 'u', &outer, &map, &err);
		if (r != bad[i].code)
			fail_msg("'%s': %d", bad[i].text, r);
		assert_int_equal(map.count, 0);
	}
}

static void ranges_without_a_plus_may_not_overlap(void **state)
{
	AUTO(idmap) struct idmap outer = { 0 };
	AUTO(idmap) struct idmap map = { 0 };
	AUTO(err) struct err err = { 0 };

	(void)state;
	outer_init(&outer);
	assert_int_equal(idtext_apply("0:1:10", 'u', &outer, &map, &err), 1);
	assert_int_equal(idtext_apply("5:100:1", 'u', &outer, &map, &err), -EINVAL);
}

static void a_list_is_triples_joined_by_commas_or_colons(void **state)
{
	static const struct {
		const char *text, *read; /* NULL: it is none */
	} cases[] = {
		{ "0:1:1000", "0:1:1000" },
		{ "0:1:10,10:20:30", "0:1:10 10:20:30" },
		{ "0:1:10:10:20:30", "0:1:10 10:20:30" },
		{ "0,1,10:5,6,7", "0:1:10 5:6:7" },
		{ "007:01:1", "7:1:1" },
		{ "4294967294:0:1", "4294967294:0:1" },
		{ "", NULL },
		{ ":", NULL },
		{ "0", NULL },
		{ "0:1", NULL },
		{ "0:1:2:3", NULL },
		{ "0:1:0", NULL },
		{ "0:1:10,", NULL },
		{ ",0:1:10", NULL },
		{ "0::10", NULL },
		{ "0:@1:10", NULL },
		{ "u0:1:10", NULL },
		{ "0:1:-1", NULL },
		{ "0:1:10 ", NULL },
		{ "0:4294967295:1", NULL },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(strv) struct strv found = { 0 };
		assert_int_equal(idtext_list(cases[i].text, &found), cases[i].read ? 0 : -EINVAL);
		AUTO(mem) char *text = str_join(&found, " ");
		if (cases[i].read)
			assert_string_equal(text, cases[i].read);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_triples_joined_by_commas_or_colons),
		cmocka_unit_test(ranges_are_added),
		cmocka_unit_test(a_plus_makes_room_on_both_sides),
		cmocka_unit_test(a_text_for_the_other_kind_changes_nothing),
		cmocka_unit_test(what_is_no_map_is_refused),
		cmocka_unit_test(ranges_without_a_plus_may_not_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
