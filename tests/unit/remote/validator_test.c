/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * validator_test - what a server knows a version of a file by
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "cubby-remote/validator.h"

#define OLD "Mon, 03 Feb 2020 04:05:06 GMT"
#define NEXT "Mon, 03 Feb 2020 04:05:07 GMT"
#define MINUTE "Mon, 03 Feb 2020 04:06:06 GMT"

static void expect(const char *etag, const char *modified, const char *date, const char *wanted)
{
	AUTO(mem) char *text = validator_of(etag, modified, date);

	if (wanted)
		assert_string_equal(text, wanted);
	else
		assert_null(text);
}

static void a_tag_counts_more_than_a_date_and_a_date_when_it_was_old(void **state)
{
	(void)state;
	expect("\"a\"", OLD, MINUTE, "etag \"a\"");
	expect("W/\"a\"", NULL, NULL, "etag W/\"a\"");
	expect(NULL, OLD, MINUTE, "date " OLD);
	expect("", OLD, MINUTE, "date " OLD);
	expect(NULL, OLD, NEXT, NULL);
	expect(NULL, MINUTE, OLD, NULL);
	expect(NULL, OLD, NULL, NULL);
	expect(NULL, "yesterday", MINUTE, NULL);
	expect(NULL, NULL, MINUTE, NULL);
}

static void it_becomes_a_header(void **state)
{
	(void)state;
	assert_string_equal(validator_header("etag \"a\""), "If-None-Match");
	assert_string_equal(validator_value("etag \"a\""), "\"a\"");
	assert_string_equal(validator_header("date " OLD), "If-Modified-Since");
	assert_string_equal(validator_value("date " OLD), OLD);
}

static void what_would_be_more_than_a_header_is_refused(void **state)
{
	(void)state;
	assert_true(validator_usable("etag \"a\""));
	assert_false(validator_usable(NULL));
	assert_false(validator_usable("\"a\""));
	assert_false(validator_usable("etag \"a\"\r\nAuthorization: x"));
	assert_false(validator_usable("date \n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tag_counts_more_than_a_date_and_a_date_when_it_was_old),
		cmocka_unit_test(it_becomes_a_header),
		cmocka_unit_test(what_would_be_more_than_a_header_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
