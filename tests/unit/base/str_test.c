/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * str_test - strings, lists and strict numbers
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"

static void numbers_have_no_sign_space_or_tail(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "1x", "0x1", NULL };
	uint64_t n = 7;

	(void)state;
	for (size_t i = 0; bad[i]; i++)
		assert_int_equal(str_u64(bad[i], UINT64_MAX, &n), -EINVAL);
	assert_int_equal(str_u64("18446744073709551616", UINT64_MAX, &n), -ERANGE);
	assert_int_equal(str_u64("256", 255, &n), -ERANGE);
	assert_int_equal(n, 7);
	assert_int_equal(str_u64("255", 255, &n), 0);
	assert_int_equal(n, 255);
}

static void sizes_are_read_as_docker_reads_them(void **state)
{
	uint64_t n;

	(void)state;
	assert_int_equal(str_size("10", &n), 0);
	assert_int_equal(n, 10);
	assert_int_equal(str_size("64m", &n), 0);
	assert_int_equal(n, 64 << 20);
	assert_int_equal(str_size("1.5KiB", &n), 0);
	assert_int_equal(n, 1536);
	assert_int_equal(str_size("1x", &n), -EINVAL);
	assert_int_equal(str_size("m", &n), -EINVAL);
	assert_int_equal(str_size("99999999999999999999g", &n), -ERANGE);
}

static void a_list_ends_with_null_at_every_length(void **state)
{
	AUTO(strv) struct strv list = { 0 };

	(void)state;
	for (size_t i = 0; i < 70; i++) {
		strv_addf(&list, "%zu", i);
		assert_null(list.items[list.count]);
	}
	strv_remove(&list, 0);
	assert_string_equal(list.items[0], "1");
	assert_null(list.items[list.count]);
}

static void a_variable_is_replaced_not_added_twice(void **state)
{
	AUTO(strv) struct strv env = { 0 };

	(void)state;
	strv_env_set(&env, "A=1");
	strv_env_set(&env, "AB=2");
	strv_env_set(&env, "A=3");
	assert_int_equal(env.count, 2);
	assert_string_equal(strv_env_get(&env, "A"), "3");
	assert_null(strv_env_get(&env, "B"));
}

static void decimal_sizes_have_three_digits(void **state)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} sizes[] = {
		{ 0, "0 B" },		{ 999, "999 B" },	 { 1000, "1 kB" },
		{ 1234567, "1.23 MB" }, { 142000000, "142 MB" }, { 4860000000, "4.86 GB" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(sizes); i++) {
		AUTO(mem) char *text = str_decimal(sizes[i].bytes, " ");
		assert_string_equal(text, sizes[i].text);
	}
	AUTO(mem) char *close = str_decimal(142000000, "");
	assert_string_equal(close, "142MB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_no_sign_space_or_tail),
		cmocka_unit_test(sizes_are_read_as_docker_reads_them),
		cmocka_unit_test(a_list_ends_with_null_at_every_length),
		cmocka_unit_test(a_variable_is_replaced_not_added_twice),
		cmocka_unit_test(decimal_sizes_have_three_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
