/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * man - manual pages and the index of commands, made from the tables
 */
#pragma once

#include <stdio.h>

#include "base/err.h"
#include "cli/command.h"

/* What the pages are made of. */
struct man_input {
	const char *name; /* of the program */
	const char *version;
	const struct command_list *commands;
	const struct opt *options; /* of the program */
};

/**
 * man_write() - write a page for the program and one for each command
 * @input:	the tables
 * @dir:	folder, which must be there; NAME.1, NAME-COMMAND.1, and for other names pages that
 *		point to those
 * @err:	which page could not be written
 *
 * Return: 0 or a negative errno.
 */
must_check int man_write(const struct man_input *input, const char *dir, struct err *err);

/**
 * man_index() - print all commands with their options as Markdown
 * @input:	the tables
 * @to:		where to
 */
void man_index(const struct man_input *input, FILE *to);
