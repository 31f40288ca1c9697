/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpus_test - lists of processors, and some of them
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "kern/cpus.h"

static void lists_are_read_and_written_as_the_kernel_does(void **state)
{
	static const char *const lists[] = { "0", "0-3", "1,3,5-7", "0-1,63-65,1023", "" };
	cpu_set_t set;

	(void)state;
	for (size_t i = 0; i + 1 < array_len(lists); i++) {
		assert_int_equal(cpus_parse(lists[i], &set), 0);
		AUTO(mem) char *text = cpus_print(&set);
		assert_string_equal(text, lists[i]);
	}
	assert_int_equal(cpus_parse("1024", &set), -ERANGE);
	assert_int_equal(cpus_parse("0-1024", &set), -ERANGE);
	assert_int_equal(cpus_parse("x", &set), -EINVAL);
}

static void picks(const char *from, int count, unsigned int seed, const char *want)
{
	cpu_set_t set;

	assert_int_equal(cpus_parse(from, &set), 0);
	cpus_pick(&set, count, seed, &set);
	AUTO(mem) char *text = cpus_print(&set);
	assert_string_equal(text, want);
}

static void some_are_picked_from_where_the_seed_says(void **state)
{
	(void)state;
	picks("0-3", 1, 0, "0");
	picks("0-3", 1, 3, "3");
	picks("0-3", 1, 5, "1");
	picks("0-3", 2, 3, "0,3");
	picks("2,4,6", 2, 1, "4,6");
	picks("2,4,6", 3, 1, "2,4,6");
	picks("2,4,6", 100, 7, "2,4,6");
	picks("2,4,6", 0, 7, "2,4,6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_and_written_as_the_kernel_does),
		cmocka_unit_test(some_are_picked_from_where_the_seed_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
