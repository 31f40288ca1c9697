/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keys_test - the keys that detach a terminal
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "monitor/keys.h"

static bool type(struct keys *keys, const char *in, const char *expected)
{
	char out[64 + KEYS_MAX];
	size_t n = 0;

	bool detach = keys_feed(keys, in, strlen(in), out, &n);
	assert_int_equal(n, strlen(expected));
	assert_memory_equal(out, expected, n);
	return detach;
}

static void the_usual_keys_are_ctrl_p_ctrl_q(void **state)
{
	struct keys keys;

	(void)state;
	assert_int_equal(keys_parse(NULL, &keys, NULL), 0);
	assert_false(type(&keys, "ls\r", "ls\r"));
	assert_true(type(&keys, "a\x10\x11z", "a"));
}

static void a_beginning_is_held_back_and_given_when_it_was_none(void **state)
{
	struct keys keys;

	(void)state;
	assert_int_equal(keys_parse("ctrl-p,ctrl-q", &keys, NULL), 0);
	assert_false(type(&keys, "\x10", ""));
	assert_false(type(&keys, "x", "\x10x"));
	assert_false(type(&keys, "\x10", ""));
	assert_false(type(&keys, "\x10", "\x10"));
	assert_true(type(&keys, "\x11", ""));
}

static void keys_that_repeat_are_found_in_a_longer_run(void **state)
{
	struct keys keys;

	(void)state;
	assert_int_equal(keys_parse("a,a,b", &keys, NULL), 0);
	assert_true(type(&keys, "aaab", "a"));
	assert_false(type(&keys, "aacaa", "aac"));
	assert_true(type(&keys, "b", ""));
}

static void no_keys_never_detach(void **state)
{
	struct keys keys;

	(void)state;
	assert_int_equal(keys_parse("", &keys, NULL), 0);
	assert_false(type(&keys, "\x10\x11", "\x10\x11"));
}

static void what_is_no_key_is_refused(void **state)
{
	static const char *const bad[] = { "ctrl-", "ctrl-ab", "ctrl-1", "ab", ",", "a,", NULL };
	struct keys keys = { .count = 7 };

	(void)state;
	for (size_t i = 0; bad[i]; i++)
		assert_int_equal(keys_parse(bad[i], &keys, NULL), -EINVAL);
	assert_int_equal(keys.count, 7);
	assert_int_equal(keys_parse("ctrl-[,ctrl-@,ctrl-Z,x", &keys, NULL), 0);
	assert_memory_equal(keys.bytes, "\x1b\0\x1ax", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_keys_are_ctrl_p_ctrl_q),
		cmocka_unit_test(a_beginning_is_held_back_and_given_when_it_was_none),
		cmocka_unit_test(keys_that_repeat_are_found_in_a_longer_run),
		cmocka_unit_test(no_keys_never_detach),
		cmocka_unit_test(what_is_no_key_is_refused),
	};

	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
