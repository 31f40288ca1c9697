/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * system_migrate - system migrate and system renumber, for which there is nothing to do
 *
 * podman moves containers to another version of its records and gives out its numbered locks again.
 * Records here are read by every later version as they are, and locks have no numbers.
 */
#include "cli/command.h"

static int migrate_run(struct app *app, unused_arg void *data, unused_arg const struct strv *words,
		       unused_arg struct err *err)
{
	fprintf(app->err, "nothing to migrate: containers are read as they are\n");
	return 0;
}

static int renumber_run(struct app *app, unused_arg void *data, unused_arg const struct strv *words,
			unused_arg struct err *err)
{
	fprintf(app->err, "nothing to renumber: locks have no numbers\n");
	return 0;
}

static const struct opt migrate_opts[] = {
	OPT_HARMLESS(0, "migrate-db", "there is no database"),
	OPT_REFUSED(0, "new-runtime", "the runtime is part of the program"),
	OPT_END,
};

const struct command cmd_system_migrate = {
	.name = "system migrate",
	.group = GROUP_SYSTEM,
	.about = "no effect: containers are read as they are",
	.opts = migrate_opts,
	.run = migrate_run,
};

const struct command cmd_system_renumber = {
	.name = "system renumber",
	.group = GROUP_SYSTEM,
	.about = "no effect: locks have no numbers",
	.run = renumber_run,
};
