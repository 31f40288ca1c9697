/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * complete_test - what may follow on a command line
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/complete.h"

struct rm_args {
	bool force;
	const char *cidfile, *network, *pull;
	struct strv labels;
};

static const struct opt rm_opts[] = {
	OPT_FLAG('f', "force", struct rm_args, force, "kill it first"),
	OPT_TEXT('c', "cidfile", "FILE", struct rm_args, cidfile, COMPLETE_FILE, "id"),
	OPT_TEXT(0, "network", "MODE", struct rm_args, network, COMPLETE_NETWORKS, "network"),
	OPT_ALIAS(0, "net", "network"),
	OPT_WORDS(0, "pull", "POLICY", struct rm_args, pull, "always missing never", "when"),
	OPT_REFUSED('l', "latest", "no"),
	OPT_END,
};

static int nothing(struct app *app, void *args, const struct strv *words, struct err *err)
{
	(void)app;
	(void)args;
	(void)words;
	(void)err;
	return 0;
}

static const struct command cmd_rm = {
	.name = "rm",
	.group = GROUP_CONTAINER,
	.about = "remove containers",
	.args = "CONTAINER...",
	.complete = COMPLETE_CONTAINERS,
	.opts = rm_opts,
	.run = nothing,
};

static const struct command cmd_run = {
	.name = "run",
	.group = GROUP_CONTAINER,
	.about = "run one",
	.args = "IMAGE [COMMAND] [ARG...]",
	.complete = COMPLETE_IMAGES,
	.flags = COMMAND_FLAGS_FIRST,
	.opts = rm_opts,
	.run = nothing,
};

static const struct command cmd_container = {
	.name = "container",
	.group = GROUP_MANAGE,
	.about = "manage containers",
};

static const struct command cmd_hidden = { .name = "__x", .about = "x", .run = nothing };

static const struct command_entry entries[] = {
	{ "__x", &cmd_hidden },	     { "container", &cmd_container },
	{ "container rm", &cmd_rm }, { "rm", &cmd_rm },
	{ "run", &cmd_run },
};

static const struct command_list list = { entries, array_len(entries) };

static int add_names(void *data, enum complete kind, struct strv *out)
{
	(void)data;
	strv_split(out,
		   kind == COMPLETE_CONTAINERS ? "web,db"
		   : kind == COMPLETE_IMAGES   ? "nginx:1"
					       : "host,none",
		   ',');
	return 0;
}

/* Completes a line; the last word is being typed. */
static void completes(const char *line, const char *want)
{
	static const struct complete_input input = { .commands = &list, .names = add_names };
	AUTO(strv) struct strv words = { 0 };
	AUTO(mem) char *out = NULL;
	size_t size;
	FILE *to = open_memstream(&out, &size);

	strv_split(&words, line, ' ');
	complete_print(&input, &words, to);
	fclose(to);
	assert_string_equal(out, want);
}

static void commands_are_offered_with_what_they_do(void **state)
{
	(void)state;
	completes("r", "rm\tremove containers\nrun\trun one\n:none\n");
	completes("container ", "rm\tremove containers\n:none\n");
	completes("_", ":none\n");
}

static void flags_are_offered_but_not_those_that_are_refused(void **state)
{
	(void)state;
	completes("rm --f", "--force\tkill it first\n:none\n");
	completes("rm --la", ":none\n");
	completes("container rm --ne", "--network\tnetwork\n--net\n:none\n");
}

static void values_are_offered_behind_a_flag_or_its_sign(void **state)
{
	(void)state;
	completes("rm --pull ", "always\nmissing\nnever\n:none\n");
	completes("rm --pull=m", "--pull=missing\n:none\n");
	completes("rm --net h", "host\n:none\n");
	completes("rm -fc ", ":file\n");
	completes("rm --force ", "web\ndb\n:none\n");
}

static void arguments_are_of_the_commands_kind(void **state)
{
	(void)state;
	completes("rm web d", "db\n:none\n");
	completes("run ", "nginx:1\n:none\n");
	completes("run nginx:1 ", ":none\n");
	completes("run nginx:1 -", ":none\n");
	completes("rm -- -", ":none\n");
}

static void a_script_names_the_program(void **state)
{
	AUTO(mem) char *out = NULL;
	size_t size;
	FILE *to = open_memstream(&out, &size);

	(void)state;
	assert_int_equal(complete_script("bash", "docker", false, to), 0);
	assert_true(complete_script("tcsh", "docker", false, to) < 0);
	fclose(to);
	assert_non_null(strstr(out, "complete -F _docker_complete docker\n"));
	assert_non_null(strstr(out, " __complete "));
	assert_null(strstr(out, "@NAME@"));
	assert_null(strstr(out, "@ASK@"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_offered_with_what_they_do),
		cmocka_unit_test(flags_are_offered_but_not_those_that_are_refused),
		cmocka_unit_test(values_are_offered_behind_a_flag_or_its_sign),
		cmocka_unit_test(arguments_are_of_the_commands_kind),
		cmocka_unit_test(a_script_names_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
