/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build - make an image as a Dockerfile says
 */
#include <errno.h>

#include "base/fd.h"
#include "base/file.h"
#include "build/box.h"
#include "build/commit.h"
#include "build/solve.h"
#include "build/squash.h"
#include "cli/command.h"
#include "cmd/build_files.h"
#include "cmd/build_lint.h"
#include "cmd/build_output.h"
#include "cmd/build_show.h"
#include "cmd/build_tell.h"
#include "engine/buildprune.h"
#include "engine/newimage.h"
#include "store/lock.h"

enum { STATUS_INTERRUPTED = 130 };

/* ---- building --------------------------------------------------------------------------------- */

static void adjust(const struct build_args *args, struct stages *stages, size_t target)
{
	if (args->from)
		stages_rebase(stages, args->from);
	if (args->skip_unused == TRI_NO)
		stages_need_all(stages, target);
}

static int build(struct app *app, const struct build_args *args, struct build_options *options,
		 const struct build_outputs *outputs, const struct dockerfile *file,
		 struct build_committed *out, struct solution *solution, struct err *err)
{
	const struct stages_input input = { .build_args = &options->args,
					    .platform_args = &options->platform_args,
					    .contexts = &options->contexts.names };
	AUTO(stages) struct stages stages = { 0 };
	AUTO(build_show) struct build_show show = { 0 };
	AUTO(mem) char *program = host_helper(app->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(strv) struct strv names = { 0 };
	size_t target;

	int r = stages_find(file, &input, &stages, err);
	if (r == 0)
		r = stages_target(&stages, options->target, &target, err);
	if (r == 0)
		adjust(args, &stages, target);
	if (r == 0)
		r = layer_helper_open(&host, &helper, err);
	if (r < 0)
		return r;
	r = build_lint(app, args, options, &stages, err);
	if (r < 0 || args->check)
		return r;
	r = build_show_init(&show, app, &stages, args, err);
	if (r < 0)
		return r;
	r = solve(app->engine, options, &stages, target, &show.watch, helper, solution, err);
	if (r < 0 && r != -EINTR && solution->line)
		build_show_failure(&show, solution->failed, solution->line);
	if (r == 0)
		r = build_squash(app->engine, options, &solution->sofar, err);
	if (r == 0)
		r = build_outputs_files(app, outputs, &solution->sofar, err);
	strv_extend(&names, &args->tags);
	strv_extend(&names, &outputs->names);
	if (r == 0 && !build_outputs_only_files(args, outputs))
		r = build_commit(app->engine, options, &names, &args->annotations, &solution->sofar,
				 helper, out, err);
	sofar_clear(&solution->sofar);
	return r;
}

/* Before an hour of work is done for them. */
static int check_names(const struct app *app, const struct strv *names, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < names->count; i++) {
		AUTO(mem) char *name = NULL;
		r = newimage_name(app->engine, names->items[i], &name, err);
	}
	return r;
}

static int build_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct build_args *args = data;
	AUTO(build_options) struct build_options options = { 0 };
	AUTO(build_outputs) struct build_outputs outputs = { 0 };
	AUTO(build_committed) struct build_committed image = { 0 };
	AUTO(dockerfile) struct dockerfile *file = NULL;
	AUTO(build_source) struct build_source source = { 0 };
	AUTO(mem) char *ignore_name = NULL;
	AUTO(mem) char *ignore_text = NULL;
	AUTO(fd) int lock = -1;
	struct solution solution = { 0 };

	int r = build_opts_options(app, args, &options, err);
	if (r == 0)
		r = build_outputs_parse(args, &outputs, err);
	if (r == 0)
		r = check_names(app, &args->tags, err);
	if (r == 0)
		r = check_names(app, &outputs.names, err);
	if (r == 0)
		r = build_inputs_read(app, &args->inputs, &options, err);
	if (r == 0)
		r = build_source_open(app, words->count ? words->items[0] : NULL, &options, &source,
				      err);
	options.folder = source.folder;
	if (r == 0)
		r = build_files_dockerfile(app, args, &options, &source, &file, err);
	if (r == 0)
		r = build_files_ignore(args, &source, &ignore_name, &ignore_text, err);
	options.ignore_name = ignore_name;
	options.ignore_text = ignore_text;
	if (r == 0)
		r = lock_take(app->engine->store, LOCK_BUILD, "", LOCK_SHARED, &lock, err);
	if (r < 0)
		return r;
	box_sweep(app->engine);
	r = build(app, args, &options, &outputs, file, &image, &solution, err);
	fd_close(take_fd(lock));
	if (solution.did)
		buildprune_settle(app->engine);
	if (r == 0 && image.id)
		r = build_outputs_images(app, args, &outputs, &image, err);
	if (r == 0)
		return image.id ? build_tell(app, args, &outputs, &image, err) : 0;
	if (r == -EINTR || solution.status == 0 || app_docker(app))
		return r;
	app_error(app, err);
	return solution.status;
}

static const struct exit_rule build_exits[] = { { -EINTR, STATUS_INTERRUPTED, STATUS_INTERRUPTED },
						{ 0, 1, 125 } };

const struct command cmd_build = {
	.name = "build",
	.group = GROUP_IMAGE,
	.about = "make an image as a Dockerfile says",
	.text = "Reads a Dockerfile and the files of the build context: a folder, a tar on the standard "
		"input (-) or at an address, or a git repository (ADDRESS.git#BRANCH:FOLDER). Steps that were done "
		"before, with the same files, are taken from the build cache. Prints the image's id.",
	.args = "[CONTEXT]",
	.complete = COMPLETE_FILE,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = build_opts,
	.args_size = sizeof(struct build_args),
	.defaults = &(const struct build_args)BUILD_DEFAULTS,
	.exits = build_exits,
	.examples = "cubby build -t app .\n"
		    "cubby build -f docker/Dockerfile --target test .\n"
		    "tar -c . | cubby build -\n",
	.run = build_run,
};
