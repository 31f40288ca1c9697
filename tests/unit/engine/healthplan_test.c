/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * healthplan_test - how a container's health is checked, from flags and image
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "engine/healthplan.h"

static const struct image_healthcheck no_check;
static const struct strv no_shell;

static char *test_of(const char *typed)
{
	struct health_args args = HEALTH_ARGS_NONE;
	struct health_config config = { 0 };

	args.cmd = typed;
	int r = health_plan(&args, &no_check, &no_shell, &config, NULL);
	char *words = r < 0 ? str_dup("refused") : str_join(&config.test, "|");
	jfield_clear(health_config_fields, &config);
	return words;
}

static void a_command_is_a_line_a_list_or_says_what_it_is(void **state)
{
	static const char *const cases[][2] = {
		{ "curl -f http://x || exit 1", "CMD-SHELL|curl -f http://x || exit 1" },
		{ "[ -e /ok ]", "CMD-SHELL|[ -e /ok ]" },
		{ "[\"a\",\"b c\"]", "CMD|a|b c" },
		{ "[\"a b\"]", "CMD-SHELL|a b" },
		{ "[\"CMD\",\"a\",\"b\"]", "CMD|a|b" },
		{ "[\"CMD-SHELL\",\"a b\"]", "CMD-SHELL|a b" },
		{ "CMD a  b", "CMD|a|b" },
		{ "CMD-SHELL a  b", "CMD-SHELL|a  b" },
		{ "CMDS", "CMD-SHELL|CMDS" },
		{ "none", "NONE" },
		{ "[\"NONE\"]", "NONE" },
		{ "[]", "refused" },
		{ "[1]", "refused" },
		{ "[\"CMD\"]", "refused" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(mem) char *words = test_of(cases[i][0]);
		assert_string_equal(words, cases[i][1]);
	}
}

static void what_is_not_asked_for_is_the_images_or_usual(void **state)
{
	struct image_healthcheck image = { .interval = 7 * CLOCK_SECOND, .retries = 9 };
	struct health_args args = HEALTH_ARGS_NONE;
	struct health_config config = { 0 };

	(void)state;
	strv_add(&image.test, "CMD");
	strv_add(&image.test, "x");
	args.timeout = "1m";
	args.retries = 4;
	assert_int_equal(health_plan(&args, &image, &no_shell, &config, NULL), 0);
	assert_string_equal(config.test.items[1], "x");
	assert_int_equal(config.interval, 7 * CLOCK_SECOND);
	assert_int_equal(config.timeout, 60 * CLOCK_SECOND);
	assert_int_equal(config.retries, 4);
	assert_int_equal(config.log_count, 5);
	assert_true(health_checked(&config));
	jfield_clear(health_config_fields, &config);
	strv_clear(&image.test);
}

static void an_update_changes_only_what_is_asked_for(void **state)
{
	struct health_args args = HEALTH_ARGS_NONE;
	struct health_config config = { 0 };

	(void)state;
	args.cmd = "true";
	args.interval = "5s";
	args.on_failure = "kill";
	assert_int_equal(health_plan(&args, &no_check, &no_shell, &config, NULL), 0);
	args = (struct health_args)HEALTH_ARGS_NONE;
	args.interval = "disable";
	args.retries = 8;
	assert_int_equal(health_plan(&args, &no_check, &no_shell, &config, NULL), 0);
	assert_string_equal(config.test.items[1], "true");
	assert_int_equal(config.interval, 0);
	assert_int_equal(config.retries, 8);
	assert_int_equal(config.on_failure, HEALTH_DO_KILL);
	args = (struct health_args)HEALTH_ARGS_NONE;
	args.none = true;
	assert_int_equal(health_plan(&args, &no_check, &no_shell, &config, NULL), 0);
	assert_false(health_checked(&config));
	jfield_clear(health_config_fields, &config);
}

static void the_log_forgets_the_oldest(void **state)
{
	struct health_log log = { 0 };

	(void)state;
	for (int i = 0; i < 7; i++) {
		struct health_entry entry = { .exit_code = i, .output = str_dup("x") };
		health_log_add(&log, &entry, 3);
	}
	assert_int_equal(log.entries.count, 3);
	assert_int_equal(log.entries.items[0].exit_code, 4);
	assert_int_equal(log.entries.items[2].exit_code, 6);
	health_log_clear(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_a_line_a_list_or_says_what_it_is),
		cmocka_unit_test(what_is_not_asked_for_is_the_images_or_usual),
		cmocka_unit_test(an_update_changes_only_what_is_asked_for),
		cmocka_unit_test(the_log_forgets_the_oldest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
