/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * auth_file_test - names and passwords for registries
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "oci/auth_file.h"
#include "oci/base64.h"

/* "a:1", "b:2:3", "c:4" */
static const char file[] =
	"{\"auths\":{\"quay.io\":{\"auth\":\"YTox\"},\"quay.io/group\":{\"auth\":\"YjoyOjM=\"},"
	"\"https://index.docker.io/v1/\":{\"auth\":\"Yzo0\"},"
	"\"t.io\":{\"identitytoken\":\"tok\"},\"bad.io\":{\"auth\":\"!\"},\"e.io\":{}}}";

static int find(const char *text, const char *domain, const char *path, struct credentials *out)
{
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *helper = NULL;

	int r = auth_file_find(text, strlen(text), domain, path, out, &helper, &err);
	assert_true((r == 1) == (helper != NULL));
	assert_true(r == -ENOENT || (r < 0) == (err.text != NULL));
	return r;
}

static void the_longest_key_counts(void **state)
{
	AUTO(credentials) struct credentials a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };

	(void)state;
	assert_int_equal(find(file, "quay.io", "x", &a), 0);
	assert_string_equal(a.user, "a");
	assert_int_equal(find(file, "quay.io", "group/app", &b), 0);
	assert_string_equal(b.password, "2:3");
	assert_int_equal(find(file, "quay.io", "groups/app", &c), 0);
	assert_string_equal(c.user, "a");
	assert_int_equal(find(file, "docker.io", "library/nginx", &d), 0);
	assert_string_equal(d.password, "4");
}

static void nobody_gets_the_password_of_another_host(void **state)
{
	AUTO(credentials) struct credentials c = { 0 };

	(void)state;
	assert_int_equal(find(file, "quay.io.evil.example", "x", &c), -ENOENT);
	assert_int_equal(find(file, "quay.i", "x", &c), -ENOENT);
	assert_int_equal(find(file, "quay.io:443", "x", &c), -ENOENT);
	assert_int_equal(find(file, "e.io", "x", &c), -ENOENT);
}

static void tokens_damage_and_helpers_are_told_apart(void **state)
{
	static const char store[] = "{\"credsStore\":\"secretservice\"}";
	AUTO(credentials) struct credentials c = { 0 };

	(void)state;
	assert_int_equal(find(file, "bad.io", "x", &c), -EBADMSG);
	assert_int_equal(find(store, "quay.io", "x", &c), 1);
	assert_int_equal(find("{}", "quay.io", "x", &c), -ENOENT);
	assert_int_equal(find("{", "quay.io", "x", &c), -EBADMSG);
	assert_int_equal(find(file, "t.io", "x", &c), 0);
	assert_string_equal(c.identity_token, "tok");
}

static void a_helper_of_one_registry_counts_more_than_the_file_and_that_more_than_the_store(
	void **state)
{
	static const char text[] = "{\"credHelpers\":{\"quay.io\":\"one\"},\"credsStore\":\"all\","
				   "\"auths\":{\"quay.io\":{\"auth\":\"YTox\"},"
				   "\"b.io\":{\"auth\":\"YTox\"},\"c.io\":{}}}";
	AUTO(credentials) struct credentials c = { 0 };
	AUTO(mem) char *one = NULL;
	AUTO(mem) char *all = NULL;
	AUTO(strv) struct strv helpers = { 0 };

	(void)state;
	assert_int_equal(auth_file_find(text, strlen(text), "quay.io", "x", &c, &one, NULL), 1);
	assert_string_equal(one, "one");
	assert_int_equal(find(text, "b.io", "x", &c), 0);
	assert_int_equal(auth_file_find(text, strlen(text), "c.io", "x", &c, &all, NULL), 1);
	assert_string_equal(all, "all");
	assert_int_equal(auth_file_helpers(text, strlen(text), &helpers, NULL), 0);
	assert_int_equal(helpers.count, 2);
}

static void setting_replaces_every_spelling_and_leaves_the_rest(void **state)
{
	static const char text[] =
		"{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"YTox\"},"
		"\"docker.io/me\":{}},\"psFormat\":\"x\"}";
	const struct credentials given = { .user = (char *)"b", .password = (char *)"2" };
	AUTO(credentials) struct credentials c = { 0 };
	AUTO(mem) char *set = NULL;
	AUTO(mem) char *unset = NULL;
	AUTO(mem) char *again = NULL;
	AUTO(mem) char *first = NULL;

	(void)state;
	assert_int_equal(auth_file_set(text, strlen(text), "docker.io", &given, &set, NULL), 0);
	assert_int_equal(find(set, "docker.io", "library/x", &c), 0);
	assert_string_equal(c.user, "b");
	assert_null(strstr(set, "index.docker.io"));
	assert_non_null(strstr(set, "psFormat"));
	assert_int_equal(auth_file_unset(set, strlen(set), "index.docker.io", &unset, NULL), 0);
	assert_null(strstr(unset, "\"docker.io\""));
	assert_non_null(strstr(unset, "docker.io/me"));
	assert_int_equal(auth_file_unset(unset, strlen(unset), "docker.io", &again, NULL), -ENOENT);
	assert_int_equal(auth_file_set(NULL, 0, "a.io", &given, &first, NULL), 0);
	assert_int_equal(auth_file_set("[]", 2, "a.io", &given, &again, NULL), -EBADMSG);
	assert_int_equal(auth_file_set("{\"auths\":[]}", 12, "a.io", &given, &again, NULL),
			 -EBADMSG);
}

static void base64_is_read_and_written(void **state)
{
	static const char *const plain[] = { "", "f", "fo", "foo", "foob", "fooba", "foobar" };
	static const char *const coded[] = { "",	 "Zg==",     "Zm8=",	"Zm9v",
					     "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };
	static const char *const bad[] = { "Z", "Zg=x", "Z g=", "Zg===", "Zm9vY" };

	(void)state;
	for (size_t i = 0; i < array_len(plain); i++) {
		AUTO(mem) char *text = base64_encode(plain[i], strlen(plain[i]));
		AUTO(mem) char *back = NULL;
		assert_string_equal(text, coded[i]);
		assert_int_equal(base64_decode(text, &back, NULL), 0);
		assert_string_equal(back, plain[i]);
	}
	for (size_t i = 0; i < array_len(bad); i++) {
		AUTO(mem) char *back = NULL;
		assert_int_equal(base64_decode(bad[i], &back, NULL), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_key_counts),
		cmocka_unit_test(nobody_gets_the_password_of_another_host),
		cmocka_unit_test(tokens_damage_and_helpers_are_told_apart),
		cmocka_unit_test(
			a_helper_of_one_registry_counts_more_than_the_file_and_that_more_than_the_store),
		cmocka_unit_test(setting_replaces_every_spelling_and_leaves_the_rest),
		cmocka_unit_test(base64_is_read_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
