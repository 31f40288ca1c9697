/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ruleset_test - patterns asked for path after path, in any order
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "build/ruleset.h"

static void each_path_gets_its_word_in_any_order(void **state)
{
	static const char *const lines[] = { "docs", "!docs/README", "**/*.tmp", "modules" };
	static const struct {
		const char *path;
		bool folder;
		enum source_word want;
	} cases[] = {
		{ "a", false, SOURCE_TAKE },
		{ "docs", true, SOURCE_LEAVE },
		{ "docs/README", false, SOURCE_TAKE },
		{ "docs/x", false, SOURCE_PRUNE },
		{ "docs/README", false, SOURCE_TAKE },
		{ "docsx", true, SOURCE_TAKE },
		{ "docs/deep/er", false, SOURCE_PRUNE },
		{ "modules", true, SOURCE_PRUNE },
		{ "modules/m/n", false, SOURCE_PRUNE },
		{ "src/a/b.tmp", false, SOURCE_PRUNE },
		{ "src/a/b", false, SOURCE_TAKE },
		{ "src", true, SOURCE_TAKE },
		{ "docs", true, SOURCE_LEAVE },
	};
	AUTO(patterns) struct patterns patterns = { 0 };
	AUTO(ruleset) struct ruleset set = { 0 };

	(void)state;
	for (size_t i = 0; i < array_len(lines); i++)
		assert_int_equal(patterns_add(&patterns, lines[i], NULL), 0);
	const struct source_rules rules = ruleset_init(&set, &patterns);
	for (size_t i = 0; i < array_len(cases); i++)
		assert_int_equal(rules.ask(rules.data, cases[i].path, cases[i].folder),
				 cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_path_gets_its_word_in_any_order),
	};

	return cmocka_run_group_tests_name("ruleset", tests, NULL, NULL);
}
