/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * challenge_test - what a registry asks for when it answers 401
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "remote/challenge.h"

static void a_bearer_challenge_is_read(void **state)
{
	AUTO(challenge) struct challenge c = { 0 };

	(void)state;
	challenge_add(
		&c, "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
		    "scope=\"repository:library/nginx:pull\", error=\"invalid_token\"");
	assert_int_equal(c.kind, CHALLENGE_BEARER);
	assert_string_equal(c.realm, "https://auth.docker.io/token");
	assert_string_equal(c.service, "registry.docker.io");
	assert_string_equal(c.scope, "repository:library/nginx:pull");
	assert_string_equal(c.error, "invalid_token");
}

static void the_strongest_challenge_is_kept(void **state)
{
	AUTO(challenge) struct challenge a = { 0 }, b = { 0 };

	(void)state;
	challenge_add(&a, "Basic realm=\"x, y\", Bearer realm=\"https://t\", Negotiate");
	assert_int_equal(a.kind, CHALLENGE_BEARER);
	assert_string_equal(a.realm, "https://t");
	challenge_add(&b, "bearer realm=\"https://t\"");
	challenge_add(&b, "basic realm=x");
	assert_int_equal(b.kind, CHALLENGE_BEARER);
	assert_string_equal(b.realm, "https://t");
}

static void quotes_and_escapes_are_undone(void **state)
{
	AUTO(challenge) struct challenge c = { 0 };

	(void)state;
	challenge_add(&c, "Basic realm = \"a \\\"b\\\" \\\\ c\"");
	assert_int_equal(c.kind, CHALLENGE_BASIC);
	assert_string_equal(c.realm, "a \"b\" \\ c");
}

static void what_is_no_challenge_is_passed_over(void **state)
{
	static const char *const none[] = { "",		 ",,,",		"Bearer",
					    "Negotiate", "=",		"Bearer service=\"x\"",
					    "\"",	 "realm=\"x\"", "Digest realm=\"x" };

	(void)state;
	for (size_t i = 0; i < array_len(none); i++) {
		AUTO(challenge) struct challenge c = { 0 };
		challenge_add(&c, none[i]);
		assert_int_equal(c.kind, CHALLENGE_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bearer_challenge_is_read),
		cmocka_unit_test(the_strongest_challenge_is_kept),
		cmocka_unit_test(quotes_and_escapes_are_undone),
		cmocka_unit_test(what_is_no_challenge_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
