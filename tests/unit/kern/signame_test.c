/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * signame_test - names and numbers of signals
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>

#include "base/str.h"
#include "kern/signame.h"

static void every_spelling_of_a_signal_is_read(void **state)
{
	static const struct {
		const char *text;
		int number;
	} good[] = { { "QUIT", SIGQUIT }, { "SIGQUIT", SIGQUIT }, { "sigquit", SIGQUIT },
		     { "3", SIGQUIT },	  { "RTMIN+3", 37 },	  { "SIGRTMIN", 34 },
		     { "RTMAX", 64 },	  { "SIGRTMAX-1", 63 },	  { "64", 64 } };

	(void)state;
	for (size_t i = 0; i < array_len(good); i++) {
		int n = 0;
		assert_int_equal(signame_parse(good[i].text, &n, NULL), 0);
		assert_int_equal(n, good[i].number);
	}
}

static void what_is_no_signal_is_refused(void **state)
{
	static const char *const bad[] = { "",	      "0",	  "65",	     "-1", "QUIT ",
					   "RTMIN-1", "RTMIN+99", "SIGNOPE", "3x" };
	int n = 7;

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++)
		assert_int_equal(signame_parse(bad[i], &n, NULL), -EINVAL);
	assert_int_equal(n, 7);
}

static void a_printed_name_is_read_back(void **state)
{
	(void)state;
	for (int n = 1; n <= 64; n++) {
		AUTO(mem) char *name = signame_print(n);
		int back = 0;
		assert_int_equal(signame_parse(name, &back, NULL), 0);
		assert_int_equal(back, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_a_signal_is_read),
		cmocka_unit_test(what_is_no_signal_is_refused),
		cmocka_unit_test(a_printed_name_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
