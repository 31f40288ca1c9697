/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attach - carry the streams of a container that runs
 */
#include <errno.h>

#include "cmd/pick.h"
#include "engine/container.h"
#include "engine/running.h"
#include "store/record.h"

struct attach_args {
	bool latest;
	bool no_stdin;
	enum tri sig_proxy;
	const char *detach_keys;
};

static const struct opt attach_opts[] = {
	OPT_TEXT(0, "detach-keys", "KEYS", struct attach_args, detach_keys, COMPLETE_NONE,
		 "keys that detach (default ctrl-p,ctrl-q)"),
	OPT_FLAG(0, "no-stdin", struct attach_args, no_stdin, "carry no standard input"),
	OPT_TRI(0, "sig-proxy", struct attach_args, sig_proxy, "forward signals (default true)"),
	OPT_FLAG('l', "latest", struct attach_args, latest, "the container made last"),
	OPT_END,
};

static int attach_streams(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct attach_args *args = data;
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(monitor_client) struct monitor_client *client = NULL;
	AUTO(strv) struct strv given = { 0 };
	AUTO(mem) char *id = NULL;
	int r = pick_words(app, args->latest, words, 1, &given, err);

	if (r >= 0 && given.count > 1)
		return err_set(err, -EINVAL, "--latest takes no name");
	if (r >= 0)
		r = container_find(app->engine, given.items[0], &id, err);
	if (r >= 0)
		r = record_config_load(app->engine->store, id, &config, err);
	if (r >= 0)
		r = running_check(app->engine, id, VERB_ATTACH, err);
	if (r >= 0)
		r = running_connect(app->engine, id, &client, err);
	if (r < 0)
		return r;
	const struct attach_options options = {
		.in = config->open_stdin && !args->no_stdin,
		.out = true,
		.errout = true,
		.tty = config->tty,
		.forward_signals = args->sig_proxy != TRI_NO,
		.detach_keys = str_or(args->detach_keys, config->detach_keys),
	};
	r = client_attach(client, &options, err);
	return r == ATTACH_DETACHED ? 0 : r;
}

const struct command cmd_attach = {
	.name = "attach",
	.group = GROUP_CONTAINER,
	.about = "carry the streams of a container that runs",
	.args = "[CONTAINER]",
	.complete = COMPLETE_RUNNING,
	.needs = NEED_STORE,
	.opts = attach_opts,
	.args_size = sizeof(struct attach_args),
	.examples = "cubby attach shell\n",
	.run = attach_streams,
};
