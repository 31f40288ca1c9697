/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_reload - see that containers' networks are as they should be
 *
 * podman makes a firewall's rules again that somebody has flushed. Here no firewall has a part in it, and a
 * helper that was killed is replaced by the monitor, so there is nothing that could be lost.
 */
#include <errno.h>

#include "cmd/pick.h"
#include "engine/engine.h"
#include "store/record.h"

static const struct opt network_reload_opts[] = {
	OPT_FLAG('a', "all", struct pick_args, all, "all that are running"),
	OPT_FLAG('l', "latest", struct pick_args, latest, "the container made last"),
	OPT_END,
};

static int reload_one(struct app *app, const char *id, unused_arg void *data, struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;
	int r = record_state_load(app->engine->store, id, &state, err);

	if (r == 0 && state->status != CONTAINER_RUNNING && state->status != CONTAINER_PAUSED)
		return err_set(err, -EINVAL, "the container '%s' does not run", state->name);
	return r;
}

static int network_reload_run(struct app *app, void *data, const struct strv *words,
			      struct err *err)
{
	return pick_each(app, data, words, PICK_ALIVE, reload_one, NULL, err);
}

const struct command cmd_network_reload = {
	.name = "network reload",
	.group = GROUP_NETWORK,
	.about = "say of containers that their networks are in order",
	.text = "No firewall has a part in these networks, so nothing of them can be lost by flushing one: "
		"there is nothing to do.",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_RUNNING,
	.needs = NEED_STORE,
	.opts = network_reload_opts,
	.args_size = sizeof(struct pick_args),
	.examples = "cubby network reload --all\n",
	.run = network_reload_run,
};
