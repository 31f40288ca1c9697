/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * help - the texts of --help, made from the tables
 */
#pragma once

#include <stdio.h>

#include "cli/command.h"

/**
 * help_command() - help of one command or group
 * @app:	names the program and all commands
 * @entry:	the command under the name it was called by
 * @out:	where to print
 */
void help_command(const struct app *app, const struct command_entry *entry, FILE *out);

/**
 * help_program() - help of the program: all commands under their headings, and its options
 * @app:	names the program and all commands
 * @options:	options of the program
 * @out:	where to print
 */
void help_program(const struct app *app, const struct opt *options, FILE *out);

/**
 * help_heading() - the heading of a group of commands
 * @group:	any but GROUP_HIDDEN
 *
 * Return: for example "Container commands"; static.
 */
const char *help_heading(enum command_group group);

/**
 * help_sentence() - a table's sentence as it is shown, with a capital
 * @text:	lower case
 *
 * Return: the sentence, to be freed.
 */
must_check char *help_sentence(const char *text);

/**
 * help_spelling() - how an option is written, with its letter, other spellings and value
 * @table:	where its aliases are looked for
 * @opt:	a line that is neither alias nor refused
 *
 * Return: for example "-t, --timeout, --time SECONDS", to be freed.
 */
must_check char *help_spelling(const struct opt *table, const struct opt *opt);

/**
 * help_option() - the sentence of an option as it is shown
 * @opt:	a line that is listed
 *
 * Return: the sentence, to be freed; one without effect says so.
 */
must_check char *help_option(const struct opt *opt);

/**
 * help_shown() - whether an option is listed
 * @opt:	a line that is no OPT_INCLUDE
 *
 * Return: false for aliases, which stand beside what they mean, and for refused ones.
 */
bool help_shown(const struct opt *opt);
