/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * start - start containers that do not run
 */
#include <errno.h>

#include "cmd/pick.h"
#include "cmd/streams.h"
#include "engine/container.h"
#include "engine/launch.h"
#include "engine/needs.h"
#include "engine/running.h"
#include "store/record.h"

struct start_args {
	struct pick_args pick;
	bool boot;
	bool attach;
	bool interactive;
	enum tri sig_proxy;
	const char *detach_keys;
	int status; /* of the container that was attached to */
	const struct activation *activation;
};

static const struct opt start_opts[] = {
	OPT_FLAG(0, "all", struct start_args, pick.all, "start all containers that do not run"),
	OPT_FLAG(0, "boot", struct start_args, boot,
		 "start those of restart policy always or unless-stopped, as after a reboot"),
	OPT_FLAG('a', "attach", struct start_args, attach, "stay with it and carry its output"),
	OPT_FLAG('i', "interactive", struct start_args, interactive, "carry standard input too"),
	OPT_TEXT(0, "detach-keys", "KEYS", struct start_args, detach_keys, COMPLETE_NONE,
		 "keys that detach (default ctrl-p,ctrl-q)"),
	OPT_TRI(0, "sig-proxy", struct start_args, sig_proxy,
		"with --attach: forward signals (default true)"),
	OPT_INCLUDE(struct start_args, pick, pick_opts),
	OPT_REFUSED(0, "checkpoint", "checkpoints are not there"),
	OPT_REFUSED(0, "checkpoint-dir", "checkpoints are not there"),
	OPT_END,
};

static struct attach_options streams(const struct start_args *args,
				     const struct container_config *config)
{
	struct streams streams = { true, true, true };

	/* It was checked when the container was made. */
	(void)!streams_choose(&config->attach, true, &streams, NULL);
	return (struct attach_options){
		.in = streams.in && args->interactive && config->open_stdin,
		.out = streams.out,
		.errout = streams.errout,
		.tty = config->tty,
		.forward_signals = args->sig_proxy != TRI_NO,
		.detach_keys = str_or(args->detach_keys, config->detach_keys),
	};
}

/* It runs already: there is nothing to start, but it may be attached to. */
static int join(struct app *app, struct start_args *args, const struct container_config *config,
		struct err *err)
{
	const struct attach_options options = streams(args, config);
	AUTO(monitor_client) struct monitor_client *client = NULL;

	if (!args->attach)
		return 0;
	int r = running_connect(app->engine, config->id, &client, err);
	if (r >= 0)
		r = client_attach(client, &options, err);
	if (r >= 0)
		args->status = r == ATTACH_DETACHED ? 0 : r;
	return r < 0 ? r : 0;
}

static int start_one(struct app *app, const char *id, void *data, struct err *err)
{
	struct start_args *args = data;
	AUTO(container_config) struct container_config *config = NULL;
	struct launch_result result = { 0 };
	int r = record_config_load(app->engine->store, id, &config, err);

	if (r < 0)
		return r;
	const struct launch_options options = { .detach = !args->attach,
						.attach = streams(args, config),
						.activation = args->activation };
	r = launch(app->engine, config, &options, &result, err);
	if (r == -EALREADY) {
		err_clear(err);
		return join(app, args, config, err);
	}
	args->status = result.status;
	return r;
}

/* With --attach the container's own output and status are the answer, and no name is printed. */
static int start_attached(struct app *app, struct start_args *args, const struct strv *words,
			  struct err *err)
{
	AUTO(mem) char *id = NULL;

	if (words->count != 1)
		return err_set(err, -EINVAL, "--attach and --interactive take one container");
	int r = container_find(app->engine, words->items[0], &id, err);
	if (r < 0)
		return r;
	r = start_one(app, id, args, err);
	return r < 0 && !args->status ? r : args->status;
}

/* For a user unit, @reboot of cron, or a login script. */
static int start_boot(struct app *app, struct start_args *args, const struct strv *words,
		      struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	const struct pick_args *pick = &args->pick;

	if (words->count || args->attach || pick->all || pick->latest || pick->filters.count ||
	    pick->cidfiles.count)
		return err_set(err, -EINVAL, "--boot finds the containers itself");
	int r = needs_at_boot(app->engine, &names, err);
	if (r < 0 || !names.count)
		return r;
	return pick_each(app, pick, &names, 0, start_one, args, err);
}

static int start_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct start_args *args = data;
	AUTO(activation) struct activation activation = { 0 };
	int r = activation_take(app->host, &activation, err);

	if (r < 0)
		return r;
	args->activation = &activation;
	if (activation.count && words->count != 1)
		return err_set(
			err, -EINVAL,
			"LISTEN_FDS hands sockets over: name the one container that they are for");
	args->attach = args->attach || args->interactive;
	if (args->boot)
		return start_boot(app, args, words, err);
	if (args->attach)
		return start_attached(app, args, words, err);
	return pick_each(app, &args->pick, words, 1 << CONTAINER_CREATED | 1 << CONTAINER_EXITED,
			 start_one, args, err);
}

const struct command cmd_start = {
	.name = "start",
	.group = GROUP_CONTAINER,
	.about = "start one or more containers",
	.text = "With --boot it starts those whose restart policy is always or unless-stopped and that "
		"ended with the machine or the session, each behind those that it needs. The user unit "
		"that is installed calls it: systemctl --user enable cubby.service; with loginctl "
		"enable-linger also without a login. So may @reboot of cron, or a login script.",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = start_opts,
	.args_size = sizeof(struct start_args),
	.examples = "cubby start web\ncubby start -a -i shell\ncubby start --boot\n",
	.run = start_run,
};
