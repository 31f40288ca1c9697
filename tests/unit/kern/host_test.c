/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host_test - the facts are found without the name service and in an odd environment
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "kern/host.h"

static void every_fact_has_a_value(void **state)
{
	AUTO(host) struct host host = { 0 };

	(void)state;
	assert_int_equal(host_measure(&host, NULL), 0);
	assert_int_equal(host.uid, geteuid());
	assert_int_equal(host.home[0], '/');
	assert_true(host.user[0]);
	assert_true(host.kernel_major >= 5);
	assert_int_equal(strlen(host.boot_id), 36);
	assert_null(strchr(host.host_id, '/'));
	assert_true(str_ends(host.self, "host_test"));
}

static void a_home_that_is_no_path_is_not_taken(void **state)
{
	AUTO(host) struct host host = { 0 };

	(void)state;
	assert_int_equal(setenv("HOME", "relative", 1), 0);
	assert_int_equal(host_measure(&host, NULL), 0);
	assert_int_equal(host.home[0], '/');
}

static void tools_are_found_with_an_empty_path_and_never_in_the_current_folder(void **state)
{
	AUTO(host) struct host host = { 0 };
	AUTO(mem) char *sh = NULL;

	(void)state;
	assert_int_equal(setenv("PATH", ".::relative", 1), 0);
	assert_int_equal(host_measure(&host, NULL), 0);
	sh = host_tool(&host, "sh");
	assert_non_null(sh);
	assert_int_equal(sh[0], '/');
	assert_null(host_tool(&host, "no-such-program-here"));
}

static void the_environment_says_where_helpers_are(void **state)
{
	AUTO(host) struct host host = { 0 };
	AUTO(mem) char *path = NULL;

	(void)state;
	assert_int_equal(setenv("CUBBY_LIBEXEC", "/somewhere", 1), 0);
	assert_int_equal(host_measure(&host, NULL), 0);
	path = host_helper(&host, "cubby-layer");
	assert_string_equal(path, "/somewhere/cubby-layer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fact_has_a_value),
		cmocka_unit_test(a_home_that_is_no_path_is_not_taken),
		cmocka_unit_test(
			tools_are_found_with_an_empty_path_and_never_in_the_current_folder),
		cmocka_unit_test(the_environment_says_where_helpers_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
