/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_exists - whether a network is there
 */
#include <errno.h>

#include "cli/command.h"
#include "engine/engine.h"
#include "engine/networks.h"

enum { STATUS_ABSENT = 1 };

static int network_exists_run(struct app *app, unused_arg void *args, const struct strv *words,
			      struct err *err)
{
	AUTO(network_record) struct network_record *record = NULL;
	int r = networks_find(app->engine, words->items[0], &record, err);

	if (r != -ENOENT)
		return r;
	err_clear(err);
	return STATUS_ABSENT;
}

const struct command cmd_network_exists = {
	.name = "network exists",
	.group = GROUP_NETWORK,
	.about = "say by the exit status whether a network is there: 0 or 1",
	.args = "NETWORK",
	.complete = COMPLETE_NETWORKS,
	.needs = NEED_STORE,
	.run = network_exists_run,
};
