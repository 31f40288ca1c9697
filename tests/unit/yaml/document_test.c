/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * document_test - YAML becomes the JSON that Go's libraries would see, within limits
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "cubby-yaml/document.h"

static void expect_tagged(const char *yaml, bool tags, const char *json)
{
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *out = NULL;

	if (document_convert(yaml, strlen(yaml), tags, &out, &err) < 0)
		fail_msg("%s: %s", yaml, err.text);
	assert_string_equal(out, json);
}

static void expect(const char *yaml, const char *json)
{
	expect_tagged(yaml, false, json);
}

static void refuse(const char *yaml, int code, const char *why)
{
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *out = NULL;

	assert_int_equal(document_convert(yaml, strlen(yaml), false, &out, &err), code);
	if (!strstr(err.text, why))
		fail_msg("'%s' does not say: %s", err.text, why);
}

static void words_are_what_go_takes_them_for(unused_arg void **state)
{
	expect("[null, ~, x]", "[null,null,\"x\"]\n");
	expect("a:\nb: NULL\n", "{\"a\":null,\"b\":null}\n");
	expect("[true, False, yes, on, no]", "[true,false,\"yes\",\"on\",\"no\"]\n");
	expect("[1, -7, +8, 0x1F, 0o17, 0644, 0b101, 1_000, 089]",
	       "[1,-7,8,31,15,420,5,1000,89]\n");
	expect("[1.5, .5, 1e3, -2.0]", "[1.5,0.5,1000,-2]\n");
	expect("[22:22, 1.2.3, 2024-01-01, 0x, 1e, '-', ., .inf, 80:80/tcp]",
	       "[\"22:22\",\"1.2.3\",\"2024-01-01\",\"0x\",\"1e\",\"-\",\".\",\".inf\",\"80:80/"
	       "tcp\"]\n");
	expect("18446744073709551616", "18446744073709551616\n");
	expect("0xFFFFFFFFFFFFFFFFFF", "\"0xFFFFFFFFFFFFFFFFFF\"\n");
}

static void quoted_words_are_texts(unused_arg void **state)
{
	expect("['1', \"true\", 'null', '']", "[\"1\",\"true\",\"null\",\"\"]\n");
	expect("a: |\n  one\n  two\nb: >-\n  one\n  two\n",
	       "{\"a\":\"one\\u000atwo\\u000a\",\"b\":\"one two\"}\n");
	expect("\"tab\\t quote\\\" back\\\\\"", "\"tab\\u0009 quote\\\" back\\\\\"\n");
	expect("\"\\u00e9\"", "\"\xc3\xa9\"\n");
	refuse("\"a\\0b\"", -EBADMSG, "the byte 0");
}

static void keys_become_texts(unused_arg void **state)
{
	expect("80: a\ntrue: b\n~: c\n", "{\"80\":\"a\",\"true\":\"b\",\"~\":\"c\"}\n");
	refuse("[a]: b", -EBADMSG, "a key that is no text");
	refuse("{a: 1, b: 2, a: 3}", -EBADMSG, "a key stands twice: '\"a\"'");
}

static void tags_of_yaml_are_obeyed(unused_arg void **state)
{
	expect("[!!str 5, !!int '5', !!float 5, ! 7]", "[\"5\",5,5,\"7\"]\n");
	expect("!!map {a: !!seq [1]}", "{\"a\":[1]}\n");
	refuse("!!int x", -EBADMSG, "not what its tag says");
	refuse("!reset x", -EBADMSG, "no use for the tag '!reset'");
	refuse("!!set {a}", -EBADMSG, "no use for the tag");
}

static void tags_of_others_are_kept_when_wanted(unused_arg void **state)
{
	expect_tagged("a: !reset 5\nb: !override [1]\n", true,
		      "{\"a\":{\"!reset\":5},\"b\":{\"!override\":[1]}}\n");
}

static void aliases_are_written_out(unused_arg void **state)
{
	expect("a: &x {k: 1}\nb: *x\nc: &x 2\nd: *x\n",
	       "{\"a\":{\"k\":1},\"b\":{\"k\":1},\"c\":2,\"d\":2}\n");
	refuse("*x", -EBADMSG, "no anchor 'x'");
	refuse("&x [*x]", -EBADMSG, "inside of what it names");
	refuse("--- &x 1\n--- *x\n", -EBADMSG, "no anchor 'x'");
}

static void merges_add_what_is_not_there(unused_arg void **state)
{
	expect("- &b {p: 1, q: 2}\n- <<: *b\n  q: 3\n", "[{\"p\":1,\"q\":2},{\"q\":3,\"p\":1}]\n");
	expect("- &a {p: 1}\n- &b {p: 2, q: 2}\n- <<: [*a, *b]\n",
	       "[{\"p\":1},{\"p\":2,\"q\":2},{\"p\":1,\"q\":2}]\n");
	expect("{'<<': 1}", "{\"<<\":1}\n");
	refuse("<<: 5", -EBADMSG, "only mappings can be merged");
}

static void several_documents_are_several_lines(unused_arg void **state)
{
	expect("---\na: 1\n---\n- 2\n...\n", "{\"a\":1}\n[2]\n");
	expect("", "");
	expect("# nothing\n", "");
}

static void what_is_no_yaml_is_told_with_its_line(unused_arg void **state)
{
	refuse("a: 1\nb: [1\nc: 2\n", -EBADMSG, "line ");
	refuse("\tx: 1", -EBADMSG, "line 1");
	refuse("a: \xff", -EBADMSG, "");
}

/* Each level names the one before it so many times. */
static char *bomb(int levels, int times)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("a0: &a0 lol\n", out);
	for (int i = 1; i <= levels; i++) {
		fprintf(out, "a%d: &a%d [", i, i);
		for (int k = 0; k < times; k++)
			fprintf(out, "%s*a%d", k ? "," : "", i - 1);
		fputs("]\n", out);
	}
	(void)fclose(out); /* into memory */
	return text;
}

static void a_small_file_does_not_become_a_large_one(unused_arg void **state)
{
	AUTO(mem) char *wide = bomb(12, 10);
	AUTO(mem) char *deep = bomb(DOCUMENT_MAX_DEPTH + 5, 1);

	refuse(wide, -EFBIG, "too long");
	refuse(deep, -EFBIG, "nested too deeply");
}

static void depth_and_number_are_limited(unused_arg void **state)
{
	char brackets[200];
	AUTO(mem) char *many = mem_alloc(4, DOCUMENT_MAX_VALUES);

	memset(brackets, '[', sizeof brackets - 1);
	brackets[sizeof brackets - 1] = 0;
	refuse(brackets, -EFBIG, "nested too deeply");
	memset(many, '1', (size_t)4 * DOCUMENT_MAX_VALUES - 1);
	for (size_t i = 0; i < (size_t)4 * DOCUMENT_MAX_VALUES - 1; i += 2)
		many[i] = i ? ',' : '[';
	refuse(many, -EFBIG, "too many values");
}

static void many_anchors_are_told_apart(unused_arg void **state)
{
	char *text = NULL, *json = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i < 200000; i++)
		fprintf(out, "- &a%d %d\n", i, i);
	fputs("- *a77777\n", out);
	(void)fclose(out); /* into memory */
	AUTO(mem) char *owned = text;
	assert_int_equal(document_convert(text, size, false, &json, NULL), 0);
	AUTO(mem) char *owned_json = json;
	assert_non_null(strstr(json, ",199999,77777]"));
}

static void merging_nothing_often_into_a_lot_is_limited(unused_arg void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("- &a {}\n- <<: [*a", out);
	for (int i = 0; i < 1000; i++)
		fputs(",*a", out);
	fputs("]\n", out);
	for (int i = 0; i < 1000; i++)
		fprintf(out, "  k%d: 1\n", i);
	(void)fclose(out); /* into memory */
	AUTO(mem) char *owned = text;
	refuse(owned, -EFBIG, "too many values");
}

static void merging_a_lot_is_limited(unused_arg void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("- &a\n", out);
	for (int i = 0; i < 2000; i++)
		fprintf(out, "  k%d: 1\n", i);
	fputs("- <<: [*a", out);
	for (int i = 0; i < 2000; i++)
		fputs(", *a", out);
	fputs("]\n", out);
	(void)fclose(out); /* into memory */
	refuse(text, -EFBIG, "too many values");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_what_go_takes_them_for),
		cmocka_unit_test(quoted_words_are_texts),
		cmocka_unit_test(keys_become_texts),
		cmocka_unit_test(tags_of_yaml_are_obeyed),
		cmocka_unit_test(tags_of_others_are_kept_when_wanted),
		cmocka_unit_test(aliases_are_written_out),
		cmocka_unit_test(merges_add_what_is_not_there),
		cmocka_unit_test(several_documents_are_several_lines),
		cmocka_unit_test(what_is_no_yaml_is_told_with_its_line),
		cmocka_unit_test(a_small_file_does_not_become_a_large_one),
		cmocka_unit_test(depth_and_number_are_limited),
		cmocka_unit_test(many_anchors_are_told_apart),
		cmocka_unit_test(merging_nothing_often_into_a_lot_is_limited),
		cmocka_unit_test(merging_a_lot_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
