/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * envmerge_test - variables made of other variables
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "engine/envmerge.h"

static void names_stand_for_what_the_image_has(void **state)
{
	static const struct {
		const char *text, *wants;
	} cases[] = {
		{ "A=$A-more", "A=one-more" },
		{ "A=${A}more", "A=onemore" },
		{ "B=$A", "B=one" },
		{ "B=$AB", "B=two" },
		{ "B=$NOT/x${NOT}y", "B=/xy" },
		{ "B=${NOT:-$}z", "B=$z" },
		{ "B=${EMPTY:-other}", "B=other" },
		{ "B=${A:-other}", "B=one" },
		{ "B=${A:+there}${NOT:+gone}", "B=there" },
		{ "B=\\$A \\\\ $ $1", "B=$A \\ $ $1" },
		{ "B=", "B=" },
		{ "B=a=b", "B=a=b" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(strv) struct strv env = { 0 };
		strv_add(&env, "A=one");
		strv_add(&env, "AB=two");
		strv_add(&env, "EMPTY=");
		assert_int_equal(envmerge_set(&env, cases[i].text, NULL), 0);
		assert_true(strv_find(&env, cases[i].wants) >= 0);
	}
}

static void what_cannot_be_read_changes_nothing(void **state)
{
	static const char *const bad[] = { "A",	    "=x",	 "A=${",  "A=${A",
					   "A=${}", "A=${A:?x}", "A=${1}" };

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(strv) struct strv env = { 0 };
		AUTO(err) struct err err = { 0 };
		assert_int_equal(envmerge_set(&env, bad[i], &err), -EINVAL);
		assert_non_null(strstr(err.text, bad[i]));
		assert_int_equal(env.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_stand_for_what_the_image_has),
		cmocka_unit_test(what_cannot_be_read_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
