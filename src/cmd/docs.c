/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * docs - manual pages and the index of commands, for the build
 */
#include "cli/man.h"
#include "cmd/globals.h"
#include "config.h"

static struct man_input input_of(const struct app *app)
{
	return (struct man_input){
		.name = PACKAGE_NAME,
		.version = PACKAGE_VERSION,
		.commands = app->commands,
		.options = program_opts,
	};
}

static int man_run(struct app *app, unused_arg void *args, const struct strv *words,
		   struct err *err)
{
	const struct man_input input = input_of(app);

	return man_write(&input, words->items[0], err);
}

static int docs_run(struct app *app, unused_arg void *args, unused_arg const struct strv *words,
		    unused_arg struct err *err)
{
	const struct man_input input = input_of(app);

	man_index(&input, app->out);
	return 0;
}

const struct command cmd_man = {
	.name = "__man",
	.about = "write manual pages into a folder",
	.args = "DIR",
	.complete = COMPLETE_DIR,
	.run = man_run,
};

const struct command cmd_docs = {
	.name = "__docs",
	.about = "print the index of commands",
	.run = docs_run,
};
