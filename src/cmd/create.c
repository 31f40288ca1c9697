/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * create - make a container without starting it
 */
#include "cli/command.h"
#include "cmd/creds.h"
#include "cmd/progress.h"
#include "cmd/run_opts.h"
#include "cmd/streams.h"
#include "engine/engine.h"

static const struct opt create_command_opts[] = {
	OPT_INCLUDE(struct run_args, create, create_opts), /* the whole struct: create is first */
	OPT_END,
};

static int create_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct run_args *args = data;
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(creds) char *creds = NULL;
	AUTO(progress) struct progress progress = { 0 };

	struct streams streams;

	int r = run_args_finish(app, args, words, err);
	if (r == 0) /* kept for start -a, and checked here */
		r = streams_choose(&args->create.attach, false, &streams, err);
	progress_init(&progress, app, args->create.quiet);
	app->engine->watch = &progress.watch;
	if (r == 0)
		r = creds_complete(app, &args->create.creds, &creds, err);
	if (r == 0)
		r = create_container(app->engine, &args->create, &config, err);
	if (r < 0)
		return r;
	fprintf(app->out, "%s\n", config->id);
	return 0;
}

/* Nothing was started: both tools say 125. */
static const struct exit_rule create_exits[] = { { 0, 125, 125 } };

const struct command cmd_create = {
	.name = "create",
	.group = GROUP_CONTAINER,
	.about = "make a container without starting it",
	.args = "IMAGE [COMMAND] [ARG...]",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE | NEED_USERNS,
	.flags = COMMAND_FLAGS_FIRST,
	.opts = create_command_opts,
	.args_size = sizeof(struct run_args),
	.defaults = &(const struct run_args)RUN_DEFAULTS,
	.clear = run_args_clear,
	.exits = create_exits,
	.examples = "cubby create --name web -p 8080:80 nginx\ncubby start web\n",
	.run = create_run,
};
