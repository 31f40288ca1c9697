/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stop - stop containers: their signal, then SIGKILL
 */
#include <errno.h>

#include "cmd/pick.h"
#include "engine/running.h"
#include "kern/signame.h"

struct stop_args {
	struct pick_args pick;
	int timeout;
	const char *signal;
	bool boot;
	int number; /* of the signal; 0 for the container's own */
};

static const struct opt stop_opts[] = {
	OPT_FLAG('a', "all", struct stop_args, pick.all, "stop all containers that run"),
	OPT_FLAG('i', "ignore", struct stop_args, pick.ignore, "an unknown container is no error"),
	OPT_TEXT('s', "signal", "SIGNAL", struct stop_args, signal, COMPLETE_NONE,
		 "signal instead of the container's own"),
	OPT_INT('t', "timeout", "SECONDS", struct stop_args, timeout,
		"kill it after so many seconds instead of the container's own; -1 waits for ever"),
	OPT_ALIAS(0, "time", "timeout"),
	OPT_FLAG(0, "boot", struct stop_args, boot,
		 "stop it as a shutdown does: start --boot starts it again"),
	OPT_INCLUDE(struct stop_args, pick, pick_opts),
	OPT_END,
};

static int stop_one(struct app *app, const char *id, void *data, struct err *err)
{
	const struct stop_args *args = data;

	if (args->boot)
		return running_shut_down(app->engine, id, err);
	return running_stop(app->engine, id, args->number, pick_timeout(args->timeout), err);
}

static int stop_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct stop_args *args = data;
	int r = args->signal ? signame_parse(args->signal, &args->number, err) : 0;

	if (r < 0)
		return r;
	if (args->boot && (args->number || args->timeout != PICK_TIMEOUT_OWN))
		return err_set(err, -EINVAL, "--boot takes neither --signal nor --timeout");
	return pick_each(app, &args->pick, words, PICK_ALIVE, stop_one, args, err);
}

const struct command cmd_stop = {
	.name = "stop",
	.group = GROUP_CONTAINER,
	.about = "stop one or more containers",
	.text = "One that is stopped by the user is not started again by its restart policy. --boot stops "
		"it as a shutdown does: start --boot starts it again.",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_RUNNING,
	.needs = NEED_STORE,
	.opts = stop_opts,
	.args_size = sizeof(struct stop_args),
	.defaults = &(const struct stop_args){ .timeout = PICK_TIMEOUT_OWN },
	.examples = "cubby stop web\ncubby stop -t 2 web db\ncubby stop -a\n",
	.run = stop_run,
};
