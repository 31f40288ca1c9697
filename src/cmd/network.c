/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network - the group of network commands
 */
#include "cli/command.h"

const struct command cmd_network = {
	.name = "network",
	.group = GROUP_MANAGE,
	.about = "manage networks",
};
