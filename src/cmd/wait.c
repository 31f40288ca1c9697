/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wait - wait until containers have ended, and print their exit statuses
 */
#include <errno.h>

#include "cli/command.h"
#include "engine/await.h"
#include "engine/container.h"

struct wait_args {
	bool ignore;
	struct strv conditions;
};

static const struct opt wait_opts[] = {
	OPT_LIST(0, "condition", "STATE", struct wait_args, conditions, COMPLETE_NONE,
		 "wait for a state or health instead of its end: running, paused, healthy, ..."),
	OPT_FLAG('i', "ignore", struct wait_args, ignore,
		 "an unknown container is no error: -1 is printed"),
	OPT_REFUSED(0, "interval", "the end is told at once, nothing is asked again and again"),
	OPT_REFUSED(0, "exit-first-match", "wait for each by itself"),
	OPT_REFUSED('l', "latest", "name the container; cubby ps -n 1 -q shows the latest"),
	OPT_END,
};

static int wait_one(struct app *app, const struct wait_args *args, const char *name,
		    struct err *err)
{
	AUTO(mem) char *id = NULL;
	int status = -1;
	int r = container_find(app->engine, name, &id, err);

	if (r == -ENOENT && args->ignore) {
		err_clear(err);
		r = 0;
	} else if (r >= 0) {
		r = await_any(app->engine, id, &args->conditions, &status, err);
	}
	if (r < 0)
		return r;
	fprintf(app->out, "%d\n", status);
	fflush(app->out);
	return 0;
}

static int wait_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct wait_args *args = data;
	int status = 0;
	int r = await_check(&args->conditions, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < words->count; i++) {
		AUTO(err) struct err one = { 0 };
		r = wait_one(app, args, words->items[i], &one);
		if (r >= 0)
			continue;
		status = exit_status(NULL, app->flavour, r);
		app_error(app, &one);
	}
	return status;
}

const struct command cmd_wait = {
	.name = "wait",
	.group = GROUP_CONTAINER,
	.about = "wait until containers have ended, and print their exit statuses",
	.args = "CONTAINER...",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE,
	.opts = wait_opts,
	.args_size = sizeof(struct wait_args),
	.examples = "cubby wait job\ncubby wait --condition healthy db\n",
	.run = wait_run,
};
