/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * invoke - from the words behind a command's name to its run()
 */
#include "cli/invoke.h"

#include <errno.h>

#include "base/mem.h"
#include "cli/help.h"
#include "cli/parse.h"

enum { EXIT_USAGE = 125 };

static int check_arity(const struct app *app, const struct command_entry *entry, size_t count,
		       struct err *err)
{
	size_t min, max;

	command_arity(entry->command->args, &min, &max);
	if (count >= min && count <= max)
		return 0;
	if (max == 0)
		return err_set(err, -EINVAL, "'%s %s' takes no arguments", app->name, entry->words);
	size_t limit = count < min ? min : max;
	const char *how = min == max ? "exactly" : count < min ? "at least" : "at most";
	return err_set(err, -EINVAL, "'%s %s' requires %s %zu argument%s", app->name, entry->words,
		       how, limit, limit == 1 ? "" : "s");
}

/* Everything a command allocates while it is parsed and run. */
struct call {
	const struct command *command;
	void *args;
	struct strv words;
};

static void auto_call(struct call *call)
{
	opt_release(call->command->opts, call->args);
	if (call->command->clear)
		call->command->clear(call->args);
	free(call->args);
	strv_clear(&call->words);
}

static void call_begin(struct call *call)
{
	const struct command *command = call->command;

	call->args = mem_alloc(1, max_of(command->args_size, (size_t)1));
	if (command->defaults)
		memcpy(call->args, command->defaults, command->args_size);
}

static int usage(const struct app *app, const struct command_entry *entry, struct err *err)
{
	if (!err->hint)
		err_hint(err, "see '%s %s --help'", app->name, entry->words);
	return EXIT_USAGE;
}

int command_run(struct app *app, const struct command_entry *entry, const struct opt_set *outer,
		char **argv, command_ready *ready, struct err *err)
{
	const struct command *command = entry->command;
	AUTO(call) struct call call = { .command = command };

	call_begin(&call);
	unsigned int flags = command->flags & COMMAND_FLAGS_FIRST ? OPT_STOP_AT_WORD : 0;
	if (command->flags & COMMAND_RAW)
		flags = OPT_ALL_WORDS;
	const struct opt_set own = { .table = command->opts, .args = call.args };
	int r = opt_parse(&own, outer, flags, argv, &call.words, err);
	if (r < 0)
		return usage(app, entry, err);
	if (r == OPT_HELP || !command->run) {
		help_command(app, entry, app->out);
		return 0;
	}
	if (check_arity(app, entry, call.words.count, err) < 0)
		return usage(app, entry, err);
	r = ready(app, command, err);
	if (r >= 0)
		r = command->run(app, call.args, &call.words, err);
	return r >= 0 ? r : exit_status(command->exits, app->flavour, r);
}
