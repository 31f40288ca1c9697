/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * alone - a command without a test
 */
#include "cli/command.h"

const struct command cmd_alone = {
	.name = "alone",
};
