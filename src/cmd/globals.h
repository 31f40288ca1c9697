/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * globals - the options of the program itself
 */
#pragma once

#include "cli/app.h"
#include "cli/opt.h"

struct program_args {
	struct globals globals;
	bool version;
};

/* Fills struct globals: what may also stand behind the command. */
extern const struct opt globals_opts[];

/**
 * globals_debug() - what commands do whose own --debug scripts give behind them
 * @args:	not used
 * @value:	"true": what happens is written to stderr from now on
 * @err:	not set
 *
 * An opt_call.
 *
 * Return: 0.
 */
must_check int globals_debug(void *args, const char *value, struct err *err);

/* Fills struct program_args: everything that may stand in front of the command. */
extern const struct opt program_opts[];
