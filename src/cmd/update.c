/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * update - change what containers were made with
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/container_filter.h"
#include "cmd/each.h"
#include "cmd/health_opts.h"
#include "cmd/resource_opts.h"
#include "engine/container.h"
#include "engine/envfile.h"
#include "engine/update.h"

struct update_command {
	struct update_args update;
	bool latest;
};

static const struct opt update_opts[] = {
	OPT_LIST('e', "env", "NAME[=VALUE]", struct update_command, update.env, COMPLETE_NONE,
		 "set a variable for the next starts"),
	OPT_FLAG('l', "latest", struct update_command, latest, "the container made last"),
	OPT_TEXT(0, "network-rate", "RATE", struct update_command, update.network_rate,
		 COMPLETE_NONE,
		 "limit the network from now on: 10mbit, or up=10mbit,down=100mbit; 0: not"),
	OPT_WORDS(0, "restart", "POLICY", struct update_command, update.restart,
		  "no on-failure always unless-stopped",
		  "start it again when it ends: no, on-failure[:COUNT], always, unless-stopped"),
	OPT_LIST(0, "ulimit", "NAME=SOFT[:HARD]", struct update_command, update.ulimits,
		 COMPLETE_NONE, "limit each process (nofile=1024:2048) of the next starts"),
	OPT_LIST(0, "unsetenv", "NAME", struct update_command, update.unset_env, COMPLETE_NONE,
		 "take a variable away from the next starts"),
	OPT_INCLUDE(struct update_command, update.health, health_opts),
	OPT_INCLUDE(struct update_command, update.resources, resource_step_opts),
	OPT_INCLUDE(struct update_command, update.resources, resource_opts),
	OPT_END,
};

/* NAME alone takes the caller's value. */
static int read_env(struct app *app, struct strv *env, struct err *err)
{
	AUTO(strv) struct strv typed = *env;
	int r = 0;

	*env = (struct strv){ 0 };
	for (size_t i = 0; i < typed.count && r == 0; i++)
		r = envfile_assign(typed.items[i], app->host, env, err);
	return r;
}

static int update_one(struct app *app, const char *name, const void *data, struct err *err)
{
	AUTO(mem) char *id = NULL;
	int r = container_find(app->engine, name, &id, err);

	if (r == 0)
		r = container_update(app->engine, id, data, err);
	if (r == 0)
		fprintf(app->out, "%s\n", app_docker(app) ? name : id);
	return r;
}

static int add_latest(struct app *app, struct strv *out, struct err *err)
{
	AUTO(container_set) struct container_set set = { 0 };
	int r = container_set_load(app, &set, err);

	if (r == 0 && !set.count)
		return err_set(err, -ENOENT, "there is no container");
	if (r == 0)
		strv_add(out, set.items[0]->id);
	return r;
}

static int update_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct update_command *args = data;
	AUTO(strv) struct strv names = { 0 };

	if (args->latest == (words->count > 0))
		return err_set(err, -EINVAL, "name at least one container, or give --latest");
	if (update_empty(&args->update))
		return err_set(err, -EINVAL,
			       "nothing is to be changed: give --memory, --restart, "
			       "--health-…, --env or another option");
	int r = read_env(app, &args->update.env, err);
	strv_extend(&names, words);
	if (r == 0 && args->latest)
		r = add_latest(app, &names, err);
	return r < 0 ? r : each_word(app, NULL, &names, update_one, &args->update);
}

const struct command cmd_update = {
	.name = "update",
	.group = GROUP_CONTAINER,
	.about = "change what containers were made with",
	.text = "Limits, a restart policy or a health check are in effect at once, also for a container "
		"that runs. Variables are for the next starts, and so are the limits of --ulimit: the processes "
		"that run keep theirs.",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE,
	.opts = update_opts,
	.args_size = sizeof(struct update_command),
	.defaults = &(const struct update_command){ .update.health = HEALTH_ARGS_NONE },
	.examples = "cubby update --restart always web\ncubby update --memory 1g --cpus 1.5 web\n",
	.run = update_run,
};
