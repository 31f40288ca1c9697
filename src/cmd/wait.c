/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wait - wait until containers have ended, or are in some other state, and print their exit statuses
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/container_filter.h"
#include "cmd/each.h"
#include "engine/await.h"
#include "engine/container.h"
#include "engine/running.h"

struct wait_args {
	bool ignore;
	bool latest;
	bool first;
	struct strv conditions;
};

static const struct opt wait_opts[] = {
	OPT_LIST(0, "condition", "STATE", struct wait_args, conditions, COMPLETE_NONE,
		 "what is waited for: configured, created, initialized, running, paused, stopped, "
		 "exited, restarting, removing, removed, dead, not-running, next-exit, healthy, "
		 "unhealthy"),
	OPT_FLAG(0, "exit-first-match", struct wait_args, first,
		 "wait until one of the containers is in the state"),
	OPT_FLAG(0, "ignore", struct wait_args, ignore,
		 "an unknown container is no error: -1 is printed"),
	OPT_HARMLESS_VALUE('i', "interval", "DURATION",
			   "changes are told at once, nothing is asked again and again"),
	OPT_FLAG('l', "latest", struct wait_args, latest, "wait for the container made last"),
	OPT_END,
};

static int read_conditions(const struct strv *typed, unsigned int *out, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };

	for (size_t i = 0; await_condition_names[i]; i++)
		strv_add(&names, await_condition_names[i]);
	*out = 0;
	for (size_t i = 0; i < typed->count; i++) {
		ssize_t at = strv_find(&names, typed->items[i]);
		if (at < 0) {
			AUTO(mem) char *list = str_join(&names, ", ");
			err_set(err, -EINVAL, "--condition: there is no condition '%s'",
				typed->items[i]);
			return err_hint(err, "conditions are: %s", list);
		}
		*out |= 1u << at;
	}
	return 0;
}

static void print(struct app *app, int status)
{
	fprintf(app->out, "%d\n", status);
	fflush(app->out);
}

/* The monitor tells the end of a run, also of one that is not recorded. */
static int wait_end(struct app *app, const char *id, unsigned int conditions, int *out_status,
		    struct err *err)
{
	const unsigned int recorded = 1u << AWAIT_EXITED | 1u << AWAIT_STOPPED;
	const unsigned int ends = recorded | 1u << AWAIT_NOT_RUNNING;
	struct strv ids = { .items = (char *[]){ (char *)id, NULL }, .count = 1 };
	AUTO(monitor_client) struct monitor_client *client = NULL;
	size_t which;

	if (!conditions) {
		int r = running_wait(app->engine, id, out_status, err);
		if (r != -ENOENT)
			return r;
		/* It was there a moment ago: with --rm, the end took the record along. */
		err_clear(err);
		conditions = 1u << AWAIT_REMOVED;
	}
	if (!(conditions & ~ends) && running_connect(app->engine, id, &client, NULL) == 0 &&
	    client_wait(client, out_status, NULL) == 0)
		return 0;
	return container_await(app->engine, &ids, conditions, -1, &which, out_status, err);
}

/* Return: 1 with the id, 0 when it is unknown and that is ignored, or a negative errno. */
static int find(struct app *app, const struct wait_args *args, const char *name, char **out,
		struct err *err)
{
	int r = container_find(app->engine, name, out, err);

	if (r != -ENOENT || !args->ignore)
		return r < 0 ? r : 1;
	err_clear(err);
	return 0;
}

struct wait_for {
	const struct wait_args *args;
	unsigned int conditions;
};

static int wait_one(struct app *app, const char *name, const void *data, struct err *err)
{
	const struct wait_for *want = data;
	AUTO(mem) char *id = NULL;
	int status = -1;
	int r = find(app, want->args, name, &id, err);

	if (r == 1)
		r = wait_end(app, id, want->conditions, &status, err);
	if (r >= 0)
		print(app, status);
	return r;
}

static int wait_first(struct app *app, const struct wait_args *args, const struct strv *names,
		      unsigned int conditions, struct err *err)
{
	const unsigned int ends = 1u << AWAIT_EXITED | 1u << AWAIT_STOPPED;
	AUTO(strv) struct strv ids = { 0 };
	size_t which;
	int status;

	for (size_t i = 0; i < names->count; i++) {
		char *id;
		int r = find(app, args, names->items[i], &id, err);
		if (r < 0)
			return r;
		if (r == 1)
			strv_take(&ids, id);
	}
	if (!ids.count) {
		print(app, -1);
		return 0;
	}
	int r = container_await(app->engine, &ids, conditions ? conditions : ends, -1, &which,
				&status, err);
	if (r == 0)
		print(app, status);
	return r;
}

static int wait_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct wait_args *args = data;
	AUTO(container_set) struct container_set set = { 0 };
	AUTO(strv) struct strv names = { 0 };
	unsigned int conditions;
	int r = read_conditions(&args->conditions, &conditions, err);

	if (r >= 0 && args->latest == (words->count > 0))
		r = err_set(err, -EINVAL, "name at least one container, or give --latest");
	if (r >= 0 && args->latest)
		r = container_set_load(app, &set, err);
	if (r < 0)
		return r;
	if (args->latest && !set.count)
		return err_set(err, -ENOENT, "there is no container");
	strv_extend(&names, words);
	if (args->latest)
		strv_add(&names, set.items[0]->id);
	if (args->first)
		return wait_first(app, args, &names, conditions, err);
	const struct wait_for want = { args, conditions };
	return each_word(app, NULL, &names, wait_one, &want);
}

const struct command cmd_wait = {
	.name = "wait",
	.group = GROUP_CONTAINER,
	.about = "wait until containers have ended, and print their exit statuses",
	.text = "With --condition it waits for another state; what is printed for a container that has "
		"not ended is -1.",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE,
	.opts = wait_opts,
	.args_size = sizeof(struct wait_args),
	.examples = "cubby wait job\ncubby wait --condition running web\n",
	.run = wait_run,
};
