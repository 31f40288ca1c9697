/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ratelimit_test - how many pulls a registry has left for us
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "remote/ratelimit.h"

static void the_headers_are_put_into_words(void **state)
{
	AUTO(mem) char *hub = ratelimit_print("100;w=21600", "76;w=21600");
	AUTO(mem) char *bare = ratelimit_print("5", " 0 ");

	(void)state;
	assert_string_equal(hub, "76 of 100 in 6 hours are left");
	assert_string_equal(bare, "0 of 5 are left");
	assert_null(ratelimit_print(NULL, "1"));
	assert_null(ratelimit_print("many", "1"));
	assert_null(ratelimit_print("100;w=-1", "1"));
	assert_null(ratelimit_print("100;w=99999999999999999999", "1"));
}

static void nothing_is_left_only_where_it_says_so(void **state)
{
	(void)state;
	assert_true(ratelimit_spent("0;w=21600"));
	assert_true(ratelimit_spent("0"));
	assert_false(ratelimit_spent("1;w=21600"));
	assert_false(ratelimit_spent(NULL));
	assert_false(ratelimit_spent(";w=1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_headers_are_put_into_words),
		cmocka_unit_test(nothing_is_left_only_where_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
