/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_rm - remove networks
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/each.h"
#include "engine/engine.h"
#include "engine/networks.h"

/* Of one network that is to be removed. */
static const struct exit_rule one_exits[] = { { -EBUSY, 1, 2 }, { 0, 1, 1 } };

struct network_rm_args {
	bool force;
	int timeout;
};

static const struct opt network_rm_opts[] = {
	OPT_FLAG('f', "force", struct network_rm_args, force,
		 "an unknown network is no error, and containers that are on it are removed (docker: "
		 "not these)"),
	OPT_INT('t', "time", "SECONDS", struct network_rm_args, timeout,
		"with --force: stop those containers, and kill them after so many seconds"),
	OPT_END,
};

static int remove_named(struct app *app, const char *text, const void *data, struct err *err)
{
	const struct network_rm_args *args = data;
	const struct remove_options users = { .force = true, .timeout = args->timeout };
	bool docker = app_docker(app);
	int r = networks_delete(app->engine, text, args->force && !docker ? &users : NULL,
				docker ? NETWORKS_IF_RUNNING : 0, err);

	if (r == -ENOENT && args->force) {
		err_clear(err);
		return 0;
	}
	if (r == 0)
		fprintf(app->out, "%s\n", text);
	return r;
}

static int network_rm_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct network_rm_args *args = data;

	if (args->timeout >= 0 && !args->force)
		return err_set(err, -EINVAL, "--time needs --force");
	return each_word(app, one_exits, words, remove_named, args);
}

const struct command cmd_network_rm = {
	.name = "network rm",
	.group = GROUP_NETWORK,
	.about = "remove one or more networks",
	.text = "One that containers are on is refused; docker looks only at those that run.",
	.args = "NETWORK...",
	.complete = COMPLETE_NETWORKS,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = network_rm_opts,
	.args_size = sizeof(struct network_rm_args),
	.defaults = &(const struct network_rm_args){ .timeout = -1 },
	.examples = "cubby network rm web\n",
	.run = network_rm_run,
};
