/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clone - make a new container as another one was made
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/resource_opts.h"
#include "engine/clone.h"
#include "engine/container.h"
#include "engine/launch.h"
#include "store/record.h"

struct clone_args {
	const char *name;
	bool destroy;
	bool force;
	bool run;
	struct resource_args resources;
};

static const struct opt clone_opts[] = {
	OPT_TEXT(0, "name", "NAME", struct clone_args, name, COMPLETE_NONE,
		 "name of the new one (default: the other's and '-clone')"),
	OPT_FLAG(0, "destroy", struct clone_args, destroy, "remove the other one afterwards"),
	OPT_FLAG('f', "force", struct clone_args, force, "with --destroy: also when it runs"),
	OPT_FLAG(0, "run", struct clone_args, run, "start the new one"),
	OPT_REFUSED(0, "pod", "there are no pods"),
	OPT_INCLUDE(struct clone_args, resources, resource_step_opts),
	OPT_INCLUDE(struct clone_args, resources, resource_opts),
	OPT_END,
};

static int start_it(struct app *app, const char *id, struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	const struct launch_options options = { .detach = true };
	struct launch_result result = { 0 };
	int r = record_config_load(app->engine->store, id, &config, err);

	return r < 0 ? r : launch(app->engine, config, &options, &result, err);
}

static int clone_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct clone_args *args = data;
	AUTO(mem) char *id = NULL;
	AUTO(mem) char *made = NULL;
	const struct clone_options options = {
		.name = words->count > 1 ? words->items[1] : args->name,
		.image = words->count > 2 ? words->items[2] : NULL,
		.destroy = args->destroy,
		.force = args->force,
		.resources = &args->resources,
	};

	if (args->name && words->count > 1)
		return err_set(err, -EINVAL, "the name is given twice");
	int r = container_find(app->engine, words->items[0], &id, err);
	if (r == 0)
		r = container_clone(app->engine, id, &options, &made, err);
	if (r == 0 && args->run)
		r = start_it(app, made, err);
	if (r < 0)
		return r;
	fprintf(app->out, "%s\n", made);
	return 0;
}

const struct command cmd_container_clone = {
	.name = "container clone",
	.group = GROUP_CONTAINER,
	.about = "make a new container as another one was made",
	.text = "The new one gets all that the other was made with, and nothing of what it has written. Named volumes "
		"are shared; anonymous ones are new. With IMAGE it is made of that image.",
	.args = "CONTAINER [NAME] [IMAGE]",
	.complete = COMPLETE_CONTAINERS,
	.complete_rest = COMPLETE_IMAGES,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = clone_opts,
	.args_size = sizeof(struct clone_args),
	.examples = "cubby container clone web web2\n"
		    "cubby container clone --destroy --run web web2 web:2\n",
	.run = clone_run,
};
