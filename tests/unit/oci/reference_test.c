/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reference_test - names of images
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "oci/reference.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void short_names_are_docker_io(void **state)
{
	static const struct {
		const char *text, *full, *familiar;
	} cases[] = {
		{ "nginx", "docker.io/library/nginx:latest", "nginx:latest" },
		{ "nginx:1.22", "docker.io/library/nginx:1.22", "nginx:1.22" },
		{ "user/app", "docker.io/user/app:latest", "user/app:latest" },
		{ "docker.io/nginx", "docker.io/library/nginx:latest", "nginx:latest" },
		{ "index.docker.io/nginx", "docker.io/library/nginx:latest", "nginx:latest" },
		{ "localhost/bb:1", "localhost/bb:1", "localhost/bb:1" },
		{ "localhost:5000/a/b", "localhost:5000/a/b:latest", "localhost:5000/a/b:latest" },
		{ "Foo/bar", "Foo/bar:latest", "Foo/bar:latest" },
		{ "[::1]:5000/x:2", "[::1]:5000/x:2", "[::1]:5000/x:2" },
		{ "[fe80::1]/x", "[fe80::1]/x:latest", "[fe80::1]/x:latest" },
		{ "quay.io/a__b/c-d.e/f", "quay.io/a__b/c-d.e/f:latest",
		  "quay.io/a__b/c-d.e/f:latest" },
		{ "nginx@sha256:" HEX64, "docker.io/library/nginx@sha256:" HEX64,
		  "nginx@sha256:" HEX64 },
		{ "nginx:1@sha256:" HEX64, "docker.io/library/nginx:1@sha256:" HEX64,
		  "nginx:1@sha256:" HEX64 },
		{ "docker.io/quay.io/x", "docker.io/quay.io/x:latest",
		  "docker.io/quay.io/x:latest" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(reference) struct reference ref = { 0 };
		assert_int_equal(reference_parse(cases[i].text, &ref, NULL), 0);
		AUTO(mem) char *full = reference_print(&ref);
		AUTO(mem) char *familiar = reference_familiar(&ref);
		assert_string_equal(full, cases[i].full);
		assert_string_equal(familiar, cases[i].familiar);
	}
}

static void what_is_printed_reads_back_the_same(void **state)
{
	static const char *const texts[] = { "nginx", "a/b:c", "localhost:5000/x@sha256:" HEX64,
					     "docker.io/quay.io/x", "docker.io/localhost/x" };

	(void)state;
	for (size_t i = 0; i < array_len(texts); i++) {
		AUTO(reference) struct reference a = { 0 }, b = { 0 };
		assert_int_equal(reference_parse(texts[i], &a, NULL), 0);
		AUTO(mem) char *familiar = reference_familiar(&a);
		AUTO(mem) char *full = reference_print(&a);
		assert_int_equal(reference_parse(familiar, &b, NULL), 0);
		AUTO(mem) char *again = reference_print(&b);
		assert_string_equal(full, again);
	}
}

static void a_port_is_not_mistaken_for_a_tag(void **state)
{
	AUTO(reference) struct reference ref = { 0 };

	(void)state;
	assert_int_equal(reference_parse("localhost:5000/x", &ref, NULL), 0);
	assert_string_equal(ref.domain, "localhost:5000");
	assert_string_equal(ref.path, "x");
	assert_string_equal(ref.tag, "latest");
	assert_true(ref.default_tag);
	assert_false(ref.short_name);
}

static void bad_names_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		":",
		"@",
		"/",
		"a:",
		":a",
		"a@",
		"a@sha256:",
		"a@sha256:12",
		"a@md5:" HEX64,
		"a@sha256:" HEX64 "0",
		"a//b",
		"/a",
		"a/",
		"A",
		"a/B",
		"a b",
		"a\n",
		"a:b:c",
		"a:-b",
		"a:.b",
		"a___b",
		"a..b",
		"a.",
		"-a",
		"a-",
		"a_-b",
		"localhost:x/a",
		"a.b:/c",
		"a.b:99999/c",
		"[::1/x",
		"::1/x",
		"[]/x",
		"[g::]/x",
		"-a.b/c",
		"a-.b/c",
		"a.-b/c",
		".a/b",
		"a./b",
		"https://a/b",
		"../x",
		"a/../b",
		"a:b/c/..",
		HEX64,
		"a@sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
	};

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(reference) struct reference ref = { 0 };
		AUTO(err) struct err err = { 0 };
		int r = reference_parse(bad[i], &ref, &err);
		if (r != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_non_null(err.text);
		assert_null(ref.path);
	}
}

static void names_and_tags_have_limits(void **state)
{
	AUTO(reference) struct reference a = { 0 }, b = { 0 }, c = { 0 };
	char name[300] = "a.b/", tag[200] = "x:";

	(void)state;
	memset(name + 4, 'c', 251);
	assert_int_equal(reference_parse(name, &a, NULL), 0);
	name[255] = 'c';
	assert_int_equal(reference_parse(name, &b, NULL), -EINVAL);
	memset(tag + 2, 't', 128);
	assert_int_equal(reference_parse(tag, &b, NULL), 0);
	tag[130] = 't';
	assert_int_equal(reference_parse(tag, &c, NULL), -EINVAL);
}

static void a_short_name_may_stand_in_another_domain(void **state)
{
	AUTO(reference) struct reference a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };

	(void)state;
	assert_int_equal(reference_parse("bb:1", &a, NULL), 0);
	reference_in_domain(&a, "localhost", &b);
	AUTO(mem) char *bare = reference_print(&b);
	assert_string_equal(bare, "localhost/bb:1");
	assert_int_equal(reference_parse("library/bb:1", &c, NULL), 0);
	reference_in_domain(&c, "localhost", &d);
	AUTO(mem) char *kept = reference_print(&d);
	assert_string_equal(kept, "localhost/library/bb:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_names_are_docker_io),
		cmocka_unit_test(what_is_printed_reads_back_the_same),
		cmocka_unit_test(a_port_is_not_mistaken_for_a_tag),
		cmocka_unit_test(bad_names_are_refused),
		cmocka_unit_test(names_and_tags_have_limits),
		cmocka_unit_test(a_short_name_may_stand_in_another_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
