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

/* Fills struct program_args: everything that may stand in front of the command. */
extern const struct opt program_opts[];
