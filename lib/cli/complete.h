/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * complete - what may follow on a command line that is being typed
 *
 * The scripts of the shells hold no table: they ask the program, which answers in a few
 * milliseconds and cannot be out of date. The answer is one candidate a line, with a tab and a
 * sentence behind it where there is one, and a last line that says what else fits:
 *
 *	:none  nothing
 *	:file  names of files
 *	:dir   names of directories
 */
#pragma once

#include <stdio.h>

#include "cli/command.h"

/* The commands that scripts ask; the second leaves the sentences out. */
#define COMPLETE_ASK "__complete"
#define COMPLETE_BARE "__completeNoDesc"

/* Adds the names of one kind (COMPLETE_CONTAINERS, ...); Return: 0 or a negative errno. */
typedef int complete_names(void *data, enum complete kind, struct strv *out);

struct complete_input {
	const struct command_list *commands;
	const struct opt *options; /* of the program */
	complete_names *names;
	void *data;
	bool bare; /* without sentences */
};

/**
 * complete_print() - answer what may follow
 * @input:	the tables
 * @words:	behind the program's name; the last one, which may be "", is being typed
 * @to:		where the answer goes
 */
void complete_print(const struct complete_input *input, const struct strv *words, FILE *to);

/**
 * complete_script() - print the script that makes a shell ask
 * @shell:	"bash", "zsh" or "fish"
 * @name:	of the program
 * @bare:	candidates without sentences
 * @to:		where the script goes
 *
 * Return: 0; -ENOENT for another shell.
 */
must_check int complete_script(const char *shell, const char *name, bool bare, FILE *to);
