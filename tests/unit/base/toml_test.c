/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * toml_test - reading TOML configuration
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "base/toml.h"

static void check(const char *toml, const char *json)
{
	AUTO(json) cJSON *doc = NULL;
	AUTO(err) struct err err = { 0 };

	if (toml_parse(toml, &doc, &err) < 0)
		fail_msg("%s: %s", toml, err.text);
	AUTO(mem) char *text = json_print(doc, 0);
	assert_string_equal(text, json);
}

static void tables_become_objects(void **state)
{
	(void)state;
	check("", "{}");
	check("# nothing\n\n  \t# more", "{}");
	check("a = 1\nb=true # c\n\"c d\" = 'x\\y'\r\n", "{\"a\":1,\"b\":true,\"c d\":\"x\\\\y\"}");
	check("[a.b]\nc = \"d\"\n[a]\ne = false\n", "{\"a\":{\"b\":{\"c\":\"d\"},\"e\":false}}");
	check("a.b.c = -7", "{\"a\":{\"b\":{\"c\":-7}}}");
	check("x = {a = 1, b.c = 2}\ny = {}", "{\"x\":{\"a\":1,\"b\":{\"c\":2}},\"y\":{}}");
}

static void lists_of_tables_become_arrays(void **state)
{
	(void)state;
	check("[[r]]\na=1\n[[r.m]]\nb=2\n[[r.m]]\nb=3\n[[r]]\na=4\n",
	      "{\"r\":[{\"a\":1,\"m\":[{\"b\":2},{\"b\":3}]},{\"a\":4}]}");
	check("l = [\n 'a', # one\n 'b',\n]\nm = []\nn=[[1],[2,3]]",
	      "{\"l\":[\"a\",\"b\"],\"m\":[],\"n\":[[1],[2,3]]}");
}

static void escapes_are_characters(void **state)
{
	(void)state;
	check("a = \"\\\"\\\\ \\u00e4\\U0001F600\\t\"",
	      "{\"a\":\"\\\"\\\\ \xc3\xa4\xf0\x9f\x98\x80\\t\"}");
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "a = 1\na = 2", "line 2: a key stands twice" },
		{ "\n\na", "line 3: a '=' is missing" },
		{ "a = ", "line 1: a value is missing" },
		{ "a = \"x", "line 1: a string does not end" },
		{ "a = \"x\\", "line 1: a string does not end" },
		{ "a = \"\"\"x\"\"\"", "line 1: strings over several lines are not supported" },
		{ "a = 1.5", "line 1: a value is no text, whole number, true or false" },
		{ "a = 1979-05-27", "line 1: a value is no text, whole number, true or false" },
		{ "a = yes", "line 1: a value is no text, whole number, true or false" },
		{ "a = 1 2", "line 1: something stands behind the value" },
		{ "[a\n", "line 1: a ']' is missing" },
		{ "a = 1\n[a]", "line 2: a table has the name of a value" },
		{ "[a]\n[[a]]", "line 2: a list of tables has the name of something else" },
		{ "a = [1", "line 1: a list does not end" },
		{ "a = {b = 1", "line 1: a table in braces does not end" },
		{ "a = [[[[[[[[[[[[[[[[[[[[1", "line 1: nested too deeply" },
		{ "a = \"\\ud800\"", "line 1: an escape names no character" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(json) cJSON *doc = NULL;
		AUTO(err) struct err err = { 0 };
		assert_int_equal(toml_parse(cases[i].text, &doc, &err), -EBADMSG);
		assert_string_equal(err.text, cases[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_become_objects),
		cmocka_unit_test(lists_of_tables_become_arrays),
		cmocka_unit_test(escapes_are_characters),
		cmocka_unit_test(what_is_wrong_is_said_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
