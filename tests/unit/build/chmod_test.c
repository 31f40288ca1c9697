/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chmod_test - what --chmod makes of modes
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "build/chmod.h"

static void modes_change_as_with_chmod(void **state)
{
	static const struct {
		const char *text;
		uint32_t mode;
		bool folder;
		uint32_t want;
	} cases[] = {
		{ "755", 0600, false, 0755 },	     { "0644", 04777, true, 0644 },
		{ "4755", 0, false, 04755 },	     { "a=rX", 0640, false, 0444 },
		{ "a=rX", 0740, false, 0555 },	     { "a=rX", 0700, true, 0555 },
		{ "u=rwX,go=rX", 0600, true, 0755 }, { "u=rwX,go=rX", 0600, false, 0644 },
		{ "+x", 0644, false, 0755 },	     { "a-w", 0666, false, 0444 },
		{ "g=u", 0640, false, 0660 },	     { "o=", 0777, false, 0770 },
		{ "u+s,g+s", 0755, false, 06755 },   { "+t", 0755, true, 01755 },
		{ "-t", 01755, true, 0755 },	     { "u+x-w", 0644, false, 0544 },
		{ "go-rwx", 0777, false, 0700 },     { "o=g", 0750, false, 0755 },
		{ NULL, 04711, false, 04711 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(chmod_apply(cases[i].text, cases[i].mode, cases[i].folder),
				 cases[i].want);
}

static void what_is_no_mode_is_refused(void **state)
{
	static const char *const bad[] = { "",	  "8",	 "10000", "777777", "u",
					   "u+q", "x+u", "u+x,",  "755x" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(chmod_check(bad[i], NULL), -EINVAL);
	assert_int_equal(chmod_check("u=rwX,go=rX", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes_change_as_with_chmod),
		cmocka_unit_test(what_is_no_mode_is_refused),
	};

	return cmocka_run_group_tests_name("chmod", tests, NULL, NULL);
}
