/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * groups - commands that only hold others
 */
#include "cli/command.h"

const struct command cmd_image = {
	.name = "image",
	.group = GROUP_MANAGE,
	.about = "manage images",
};

const struct command cmd_container = {
	.name = "container",
	.group = GROUP_MANAGE,
	.about = "manage containers",
};

const struct command cmd_healthcheck = {
	.name = "healthcheck",
	.group = GROUP_MANAGE,
	.about = "check the health of containers",
};

const struct command cmd_builder = {
	.name = "builder",
	.group = GROUP_MANAGE,
	.about = "build images",
};

const struct command cmd_buildx = {
	.name = "buildx",
	.group = GROUP_MANAGE,
	.about = "build images; docker's other name",
};

const struct command cmd_system = {
	.name = "system",
	.group = GROUP_MANAGE,
	.about = "manage the store as a whole",
};
