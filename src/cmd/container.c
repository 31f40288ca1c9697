/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * container - commands that are only in the group of containers
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/container_filter.h"
#include "cmd/prune.h"
#include "engine/container.h"

enum { STATUS_ABSENT = 1 };

static int exists_run(struct app *app, unused_arg void *args, const struct strv *words,
		      struct err *err)
{
	AUTO(mem) char *id = NULL;
	int r = container_find(app->engine, words->items[0], &id, err);

	if (r != -ENOENT)
		return r;
	err_clear(err);
	return STATUS_ABSENT;
}

static const struct opt exists_opts[] = {
	OPT_HARMLESS(0, "external", "there are no containers of other tools in the store"),
	OPT_END,
};

struct prune_args {
	bool force;
	struct strv filters;
};

static const struct opt prune_opts[] = {
	OPT_LIST(0, "filter", "KEY=VALUE", struct prune_args, filters, COMPLETE_NONE,
		 "remove only some: label, until and the other filters of ps"),
	OPT_FLAG('f', "force", struct prune_args, force, "do not ask"),
	OPT_END,
};

/* A wrong filter is told before anything is asked. */
static int check(struct app *app, const struct prune_args *args, struct err *err)
{
	AUTO(container_set) struct container_set set = { 0 };
	struct container_filter unused;
	int r = container_set_load(app, &set, err);

	return r < 0 ? r : container_filter_init(&args->filters, &set, &unused, err);
}

static int prune_run(struct app *app, void *data, unused_arg const struct strv *words,
		     struct err *err)
{
	const struct prune_args *args = data;
	AUTO(pruned) struct pruned gone = { 0 };
	int r = check(app, args, err);

	if (r < 0 ||
	    !prune_agreed(app, args->force, "WARNING! This will remove all stopped containers."))
		return r;
	r = prune_containers(app, &args->filters, &gone, err);
	prune_print(app, app_docker(app) ? "Deleted Containers:" : NULL, &gone);
	if (app_docker(app))
		prune_total(app, gone.bytes);
	return r < 0 ? r : gone.status;
}

const struct command cmd_container_exists = {
	.name = "container exists",
	.group = GROUP_CONTAINER,
	.about = "say by the exit status whether a container is there: 0 or 1",
	.args = "CONTAINER",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE,
	.opts = exists_opts,
	.run = exists_run,
};

const struct command cmd_container_prune = {
	.name = "container prune",
	.group = GROUP_CONTAINER,
	.about = "remove all containers that do not run",
	.needs = NEED_STORE | NEED_USERNS,
	.opts = prune_opts,
	.args_size = sizeof(struct prune_args),
	.examples = "cubby container prune -f --filter until=24h\n",
	.run = prune_run,
};
