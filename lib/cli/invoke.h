/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * invoke - from the words behind a command's name to its run()
 */
#pragma once

#include "cli/command.h"
#include "cli/parse.h"

/* Makes ready what command->needs says; Return: 0 or a negative errno with @err set. */
typedef int command_ready(struct app *app, const struct command *command, struct err *err);

/**
 * command_run() - parse the flags of a command and run it
 * @app:	what the command works with
 * @entry:	the command under the name it was called by
 * @outer:	options of the program, which may also stand behind the command
 * @argv:	words behind the command's name, NULL at the end
 * @ready:	makes ready what the command needs, once its flags are known to be right
 * @err:	set when the user must be told what failed
 *
 * Prints the command's help when it is asked for, and a group's help when nothing else is.
 *
 * Return: the exit status; 125 for wrong usage.
 */
must_check int command_run(struct app *app, const struct command_entry *entry,
			   const struct opt_set *outer, char **argv, command_ready *ready,
			   struct err *err);
