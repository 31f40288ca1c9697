/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logout_test - that detached containers end at logout is told once
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "engine/logout.h"

static void count(void *data, const char *sentence)
{
	assert_non_null(strstr(sentence, "loginctl enable-linger"));
	++*(int *)data;
}

static void it_is_told_once_and_only_where_it_is_so(void **state)
{
	static const struct session lingering = { true, true, true, SESSION_MANAGER },
				    mortal = { true, false, true, SESSION_LOGIN };
	AUTO(host) struct host host = { 0 };
	AUTO(engine) struct engine *engine = NULL;
	AUTO(err) struct err err = { 0 };
	char dir[] = "/tmp/logout_test.XXXXXX";
	int told = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(host_measure(&host, &err), 0);
	const struct engine_options options = { .root = dir, .warn = count, .warn_data = &told };
	assert_int_equal(engine_open(&host, &options, &engine, &err), 0);
	logout_tell(engine, &lingering);
	assert_int_equal(told, 0);
	logout_tell(engine, &mortal);
	logout_tell(engine, &mortal);
	assert_int_equal(told, 1);
	assert_int_equal(file_tree_remove(AT_FDCWD, dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_told_once_and_only_where_it_is_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
