/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * caps_test - names and sets of capabilities
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/capability.h>

#include "kern/caps.h"

static void names_are_taken_with_and_without_prefix_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(caps_parse("CAP_SYS_ADMIN"), CAP_SYS_ADMIN);
	assert_int_equal(caps_parse("sys_admin"), CAP_SYS_ADMIN);
	assert_int_equal(caps_parse("Cap_Chown"), CAP_CHOWN);
	assert_int_equal(caps_parse("CAP_"), -EINVAL);
	assert_int_equal(caps_parse(""), -EINVAL);
	assert_int_equal(caps_parse("CHOWN "), -EINVAL);
}

static void every_name_leads_back_to_its_number(void **state)
{
	(void)state;
	for (int i = 0; i <= CAP_LAST_CAP; i++) {
		assert_non_null(caps_name(i));
		assert_int_equal(caps_parse(caps_name(i)), i);
	}
	assert_null(caps_name(-1));
	assert_null(caps_name(63));
}

static void a_set_is_listed_lowest_first(void **state)
{
	AUTO(strv) struct strv names = { 0 };

	(void)state;
	caps_list(CAP_BIT(CAP_BPF) | CAP_BIT(CAP_CHOWN), &names);
	assert_int_equal(names.count, 2);
	assert_string_equal(names.items[0], "CAP_CHOWN");
	assert_string_equal(names.items[1], "CAP_BPF");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_taken_with_and_without_prefix_in_any_case),
		cmocka_unit_test(every_name_leads_back_to_its_number),
		cmocka_unit_test(a_set_is_listed_lowest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
