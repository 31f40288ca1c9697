/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * command_test - finding commands, counting arguments, running
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/nearest.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/invoke.h"

/* A word as argv has it: writable. */
#define WORD(text) ((char[]){ text })

struct rm_args {
	bool force;
	int timeout;
	struct strv filters;
};

static const struct opt rm_opts[] = {
	OPT_FLAG('f', "force", struct rm_args, force, "kill it first"),
	OPT_INT('t', "timeout", "SECONDS", struct rm_args, timeout, "wait so long"),
	OPT_ALIAS(0, "time", "timeout"),
	OPT_LIST(0, "filter", "KEY=VALUE", struct rm_args, filters, COMPLETE_NONE, "only such"),
	OPT_REFUSED('l', "latest", "no"),
	OPT_END,
};

static int rm_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct rm_args *args = data;

	fprintf(app->out, "%d %d %zu", args->force, args->timeout, words->count);
	if (str_eq(words->items[0], "busy"))
		return err_set(err, -EBUSY, "'busy' runs");
	if (str_eq(words->items[0], "gone"))
		return err_set(err, -ENOENT, "no container named 'gone'");
	return 3;
}

static const struct exit_rule rm_exits[] = { { -EBUSY, 1, 2 }, { 0, 1, 1 } };

static const struct command cmd_rm = {
	.name = "rm",
	.group = GROUP_CONTAINER,
	.about = "remove containers",
	.args = "CONTAINER...",
	.opts = rm_opts,
	.args_size = sizeof(struct rm_args),
	.defaults = &(const struct rm_args){ .timeout = -1 },
	.exits = rm_exits,
	.examples = "cubby rm -f web\ncubby rm web\n",
	.run = rm_run,
};

static const struct command cmd_container = {
	.name = "container",
	.group = GROUP_MANAGE,
	.about = "work with containers",
};

static const struct command_entry entries[] = {
	{ "container", &cmd_container },
	{ "container remove", &cmd_rm },
	{ "container rm", &cmd_rm },
	{ "rm", &cmd_rm },
};

static const struct command_list list = { entries, array_len(entries) };

static const struct command_entry *find(const char *a, const char *b, size_t *used, struct err *err)
{
	char *argv[] = { (char *)a, (char *)b, NULL };

	return command_find(&list, argv, used, err);
}

static void a_command_is_found_by_its_words(void **state)
{
	AUTO(err) struct err err = { 0 };
	size_t used;

	(void)state;
	assert_ptr_equal(find("rm", "web", &used, &err)->command, &cmd_rm);
	assert_int_equal(used, 1);
	assert_ptr_equal(find("container", "rm", &used, &err)->command, &cmd_rm);
	assert_int_equal(used, 2);
	assert_ptr_equal(find("container", "--help", &used, &err)->command, &cmd_container);
	assert_int_equal(used, 1);
	assert_null(find("mr", NULL, &used, &err));
	assert_string_equal(err.text, "unknown command 'mr'");
	assert_string_equal(err.hint, "did you mean 'rm'?");
	assert_null(find("container", "romove", &used, &err));
	assert_string_equal(err.text, "unknown command 'container romove'");
	assert_string_equal(err.hint, "did you mean 'container remove'?");
}

static void arguments_are_counted_from_the_pattern(void **state)
{
	static const struct {
		const char *args;
		size_t min, max;
	} cases[] = {
		{ NULL, 0, 0 },
		{ "CONTAINER", 1, 1 },
		{ "CONTAINER...", 1, SIZE_MAX },
		{ "CONTAINER [CONTAINER...]", 1, SIZE_MAX },
		{ "[NAME]", 0, 1 },
		{ "[NAME...]", 0, SIZE_MAX },
		{ "IMAGE [COMMAND] [ARG...]", 1, SIZE_MAX },
		{ "SOURCE TARGET", 2, 2 },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		size_t min, max;
		command_arity(cases[i].args, &min, &max);
		assert_int_equal(min, cases[i].min);
		assert_int_equal(max, cases[i].max);
	}
}

static int ready(struct app *app, const struct command *command, struct err *err)
{
	(void)app;
	(void)command;
	(void)err;
	return 0;
}

/* Runs rm with the words; the output is to be freed. */
static int run(enum flavour flavour, char **argv, char **out, struct err *err)
{
	size_t size;
	struct app app = { .name = "cubby", .commands = &list, .flavour = flavour };

	app.out = open_memstream(out, &size);
	int status = command_run(&app, &entries[3], NULL, argv, ready, err);
	fclose(app.out);
	return status;
}

static void a_run_gets_its_arguments_and_defaults(void **state)
{
	char *argv[] = { WORD("-f"), WORD("web"), WORD("db"), NULL };
	AUTO(mem) char *out = NULL;

	(void)state;
	assert_int_equal(run(FLAVOUR_CUBBY, argv, &out, NULL), 3);
	assert_string_equal(out, "1 -1 2");
}

static void a_failure_has_the_status_of_its_table(void **state)
{
	static const struct {
		const char *word;
		enum flavour flavour;
		int status;
	} cases[] = {
		{ "busy", FLAVOUR_CUBBY, 2 },
		{ "busy", FLAVOUR_DOCKER, 1 },
		{ "gone", FLAVOUR_PODMAN, 1 },
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		AUTO(err) struct err err = { 0 };
		AUTO(mem) char *out = NULL;
		char *argv[] = { (char *)cases[i].word, NULL };
		assert_int_equal(run(cases[i].flavour, argv, &out, &err), cases[i].status);
		assert_non_null(err.text);
	}
	assert_int_equal(exit_status(NULL, FLAVOUR_CUBBY, -ENOENT), 125);
	assert_int_equal(exit_status(NULL, FLAVOUR_DOCKER, -ENOENT), 1);
}

static void wrong_usage_is_125_and_points_to_help(void **state)
{
	AUTO(err) struct err err = { 0 };
	AUTO(mem) char *out = NULL;
	char *argv[] = { NULL, NULL };

	(void)state;
	assert_int_equal(run(FLAVOUR_DOCKER, argv, &out, &err), 125);
	assert_string_equal(err.text, "'cubby rm' requires at least 1 argument");
	assert_string_equal(err.hint, "see 'cubby rm --help'");
}

static void help_lists_options_other_names_and_examples(void **state)
{
	char *argv[] = { WORD("--help"), NULL };
	AUTO(mem) char *out = NULL;

	(void)state;
	assert_int_equal(run(FLAVOUR_CUBBY, argv, &out, NULL), 0);
	assert_string_equal(out, "Usage:  cubby rm [OPTIONS] CONTAINER...\n"
				 "\n"
				 "Remove containers\n"
				 "\n"
				 "Aliases:\n"
				 "  cubby container remove, cubby container rm, cubby rm\n"
				 "\n"
				 "Options:\n"
				 "  -f, --force                     Kill it first\n"
				 "  -t, --timeout, --time SECONDS   Wait so long\n"
				 "      --filter KEY=VALUE          Only such\n"
				 "\n"
				 "Examples:\n"
				 "  cubby rm -f web\n"
				 "  cubby rm web\n");
}

static void a_group_lists_each_command_once(void **state)
{
	AUTO(mem) char *out = NULL;
	size_t size;
	struct app app = { .name = "cubby", .commands = &list };

	(void)state;
	app.out = open_memstream(&out, &size);
	help_command(&app, &entries[0], app.out);
	fclose(app.out);
	assert_non_null(strstr(out, "\nCommands:\n  rm   Remove containers\n\n"));
}

static void the_nearest_word_is_near(void **state)
{
	struct nearest nearest;

	(void)state;
	assert_int_equal(nearest_distance("run", "run", 3), 0);
	assert_int_equal(nearest_distance("urn", "run", 3), 1);
	assert_int_equal(nearest_distance("inspct", "inspect", 3), 1);
	assert_int_equal(nearest_distance("", "abc", 3), 3);
	nearest_begin(&nearest, "xy");
	nearest_offer(&nearest, "rm");
	assert_null(nearest.best);
	nearest_offer(&nearest, "xyz");
	assert_string_equal(nearest.best, "xyz");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_found_by_its_words),
		cmocka_unit_test(arguments_are_counted_from_the_pattern),
		cmocka_unit_test(a_run_gets_its_arguments_and_defaults),
		cmocka_unit_test(a_failure_has_the_status_of_its_table),
		cmocka_unit_test(wrong_usage_is_125_and_points_to_help),
		cmocka_unit_test(help_lists_options_other_names_and_examples),
		cmocka_unit_test(a_group_lists_each_command_once),
		cmocka_unit_test(the_nearest_word_is_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
