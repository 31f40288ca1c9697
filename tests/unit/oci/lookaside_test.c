/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lookaside_test - where signatures of images are kept
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "oci/lookaside.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static int add(struct lookaside *out, const char *text, struct err *err)
{
	AUTO(json) cJSON *doc = NULL;

	assert_int_equal(json_parse(text, strlen(text), &doc, NULL), 0);
	return lookaside_add(out, doc, "f.yaml", err);
}

static const char *place(const struct lookaside *said, const char *name)
{
	AUTO(reference) struct reference ref = { 0 };

	assert_int_equal(reference_parse(name, &ref, NULL), 0);
	return lookaside_place(said, &ref);
}

static void the_most_specific_scope_that_names_a_place_counts(void **state)
{
	AUTO(lookaside) struct lookaside said = { 0 };

	(void)state;
	assert_null(place(&said, "quay.io/a/b"));
	assert_int_equal(add(&said,
			     "{\"default-docker\":{\"sigstore\":\"file:///all\"},\"docker\":{"
			     "\"quay.io\":{\"lookaside\":\"http://q\",\"sigstore\":\"http://old\"},"
			     "\"quay.io/a\":{\"lookaside-staging\":\"file:///w\"},"
			     "\"quay.io/b\":{\"lookaside\":\"https://b\"},"
			     "\"quay.io/b/c:1\":{\"lookaside\":\"https://one\"},"
			     "\"*.example.com\":{\"lookaside\":\"https://any\"}}}",
			     NULL),
			 0);
	assert_string_equal(place(&said, "quay.io/a/b"), "http://q");
	assert_string_equal(place(&said, "quay.io/b/c"), "https://b");
	assert_string_equal(place(&said, "quay.io/b/c:1"), "https://one");
	assert_string_equal(place(&said, "r.example.com/x"), "https://any");
	assert_string_equal(place(&said, "nginx"), "file:///all");
	assert_string_equal(lookaside_scope(&said, "quay.io/a")->write, "file:///w");
}

static void what_is_damaged_or_said_twice_is_refused(void **state)
{
	static const char *const bad[] = {
		"[]",
		"{\"docker\":[]}",
		"{\"docker\":{\"x.io\":3}}",
		"{\"docker\":{\"x.io\":{\"lookaside\":3}}}",
		"{\"docker\":{\"x.io\":{\"lookaside\":\"ftp://x\"}}}",
		"{\"docker\":{\"x.io\":{\"lookaside\":\"https://me:pw@x\"}}}",
		"{\"docker\":{\"x.io\":{\"sigstore\":\"/var/lib\"}}}",
		"{\"docker\":{\"x.io\":{},\"x.io\":{}}}",
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(lookaside) struct lookaside said = { 0 };
		AUTO(err) struct err err = { 0 };
		AUTO(json) cJSON *doc = cJSON_Parse(bad[i]);
		assert_int_equal(lookaside_add(&said, doc, "f.yaml", &err), -EBADMSG);
		assert_non_null(err.text);
	}
	AUTO(lookaside) struct lookaside said = { 0 };
	AUTO(err) struct err err = { 0 };
	assert_int_equal(add(&said, "null", NULL), 0);
	assert_int_equal(add(&said, "{\"docker\":null,\"default-docker\":null}", NULL), 0);
	assert_int_equal(add(&said, "{\"default-docker\":{}}", NULL), 0);
	assert_int_equal(add(&said, "{\"default-docker\":{}}", &err), -EBADMSG);
	assert_non_null(strstr(err.text, "f.yaml"));
}

static void addresses_are_made_and_files_found(void **state)
{
	static const struct {
		const char *address, *path;
	} files[] = {
		{ "file:///a%20b/c", "/a b/c" },
		{ "file://localhost/a", "/a" },
		{ "file://elsewhere/a", NULL },
		{ "https://x/a", NULL },
		{ "file:///100%/%zz%00", "/100%/%zz%00" },
	};
	AUTO(reference) struct reference ref = { 0 };

	(void)state;
	assert_int_equal(reference_parse("busybox", &ref, NULL), 0);
	AUTO(mem) char *one = lookaside_address("https://x/y//", &ref, "sha256:" HEX, 3);
	assert_string_equal(one, "https://x/y/library/busybox@sha256=" HEX "/signature-3");
	for (size_t i = 0; i < array_len(files); i++) {
		AUTO(mem) char *path = lookaside_path(files[i].address);
		if (files[i].path)
			assert_string_equal(path, files[i].path);
		else
			assert_null(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_specific_scope_that_names_a_place_counts),
		cmocka_unit_test(what_is_damaged_or_said_twice_is_refused),
		cmocka_unit_test(addresses_are_made_and_files_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
