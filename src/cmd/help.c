/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * help - what a command does and takes: "cubby help rm" is "cubby rm --help"
 */
#include "cli/help.h"

#include "cmd/globals.h"

static int help_run(struct app *app, unused_arg void *args, const struct strv *words,
		    struct err *err)
{
	size_t used;

	if (!words->count) {
		help_program(app, program_opts, app->out);
		return 0;
	}
	const struct command_entry *entry = command_find(app->commands, words->items, &used, err);
	if (!entry)
		return err->code;
	help_command(app, entry, app->out);
	return 0;
}

const struct command cmd_help = {
	.name = "help",
	.group = GROUP_SYSTEM,
	.about = "show what a command does and takes",
	.args = "[COMMAND...]",
	.complete = COMPLETE_COMMANDS,
	.examples = "cubby help run\ncubby help volume create\n",
	.run = help_run,
};
