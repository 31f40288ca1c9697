/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build - make an image as a Dockerfile says
 */
#include <errno.h>

#include "base/fd.h"
#include "base/file.h"
#include "build/box.h"
#include "build/commit.h"
#include "build/input.h"
#include "build/savestages.h"
#include "build/shared.h"
#include "build/solve.h"
#include "build/squash.h"
#include "cli/command.h"
#include "cmd/build_call.h"
#include "cmd/build_files.h"
#include "cmd/build_kept.h"
#include "cmd/build_lint.h"
#include "cmd/build_output.h"
#include "cmd/build_platforms.h"
#include "cmd/build_show.h"
#include "cmd/build_tell.h"
#include "engine/buildprune.h"
#include "engine/newimage.h"
#include "store/lock.h"

enum { STATUS_INTERRUPTED = 130, STATUS_SIGNAL = 128 };

/* ---- building --------------------------------------------------------------------------------- */

static void adjust(const struct build_args *args, struct stages *stages, size_t target)
{
	if (args->from)
		stages_rebase(stages, args->from);
	if (args->skip_unused == TRI_NO)
		stages_need_all(stages, target);
}

/* What all platforms of a build share. */
struct building {
	struct app *app;
	const struct build_args *args;
	struct build_call call;
	bool told; /* of the file, which is the same for all */
	bool did;  /* a step was done that the cache did not have */
	struct build_options *options;
	const struct build_outputs *outputs;
	const struct dockerfile *file;
	struct strv names;     /* of the images */
	struct strv platforms; /* none: this machine's */
	struct strv digests;   /* of the manifests, in the order of .platforms */
	struct strv logs;      /* files that were begun */
	struct temp *found;    /* what scanners found; or NULL */
	struct solution solution;
	struct err not_kept; /* why a registry has not taken the steps */
};

static void auto_building(struct building *b)
{
	strv_clear(&b->names);
	strv_clear(&b->platforms);
	strv_clear(&b->digests);
	strv_clear(&b->logs);
	if (b->found)
		(void)!temp_remove(b->app->engine->store, b->found); /* else the next sweep */
	temp_free(b->found);
	solution_clear(&b->solution);
	err_clear(&b->not_kept);
}

static bool is_several(const struct building *b)
{
	return b->platforms.count > 1;
}

static struct stages_input input_of(const struct building *b)
{
	return (struct stages_input){ .build_args = &b->options->args,
				      .platform_args = &b->options->platform_args,
				      .contexts = &b->options->contexts.names };
}

static int find_stages(const struct building *b, struct stages *out, size_t *target,
		       struct err *err)
{
	const struct stages_input input = input_of(b);

	int r = stages_find(b->file, &input, out, err);
	if (r == 0)
		r = stages_target(out, b->options->target, target, err);
	if (r == 0)
		adjust(b->args, out, *target);
	return r;
}

/* Those that were built before another failed. The helper may be at work for a stage that was ended. */
static void save_built(const struct building *b, const struct stages *stages, size_t target)
{
	AUTO(mem) char *program = host_helper(b->app->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(strv) struct strv labels = { 0 };
	AUTO(err) struct err err = { 0 };

	if (!b->solution.built)
		return;
	int r = layer_helper_open(&host, &helper, &err);
	if (r == 0)
		r = savestages(b->app->engine, b->options, stages, target, &b->solution, helper,
			       &labels, &err);
	if (r < 0)
		app_error(b->app, &err);
}

static int solve_shown(struct building *b, const struct stages *stages, size_t target,
		       struct layer_helper *helper, struct err *err)
{
	AUTO(build_show) struct build_show show = { 0 };
	const char *platform = is_several(b) ? b->options->platform : NULL;

	AUTO(mem)
	char *log = build_platforms_log(b->app, b->args, &b->platforms, b->options->platform);
	int r = build_show_init(&show, b->app, stages, platform, log, &b->logs, b->args, err);
	if (r < 0)
		return r;
	solution_clear(&b->solution);
	r = solve(b->app->engine, b->options, stages, target, &show.watch, helper, &b->solution,
		  err);
	b->did |= b->solution.did;
	if (r == 0 || r == -EINTR || (!b->solution.line && !b->solution.told))
		return r;
	build_show_failure(&show, b->solution.failed, b->solution.line);
	save_built(b, stages, target);
	build_kept(b->app, b->args, b->options, &b->solution, err);
	return r;
}

/* What is told of the file before it is built, or instead. */
static int tell_first(struct building *b, const struct stages *stages, size_t target,
		      struct err *err)
{
	const struct stages_input input = input_of(b);

	if (b->told)
		return 0;
	b->told = true;
	if (b->call.kind == BUILD_CALL_BUILD || b->call.kind == BUILD_CALL_CHECK)
		return build_lint(b->app, b->args, &b->call, b->options, stages, err);
	return build_call_tell(b->app, &b->call, &input, stages, target, err);
}

/* Labels that the user gives come after those of stages. */
static int commit(struct building *b, const struct stages *stages, size_t target,
		  struct layer_helper *helper, struct build_committed *out, struct err *err)
{
	AUTO(strv) struct strv labels = { 0 };
	struct build_options options = *b->options;

	int r = savestages(b->app->engine, b->options, stages, target, &b->solution, helper,
			   &labels, err);
	if (r < 0 || build_outputs_only_files(b->args, b->outputs))
		return r;
	strv_extend(&labels, &options.labels);
	options.labels = labels;
	return build_commit(b->app->engine, &options, &b->names, &b->args->annotations,
			    &b->solution.sofar, helper, out, err);
}

/* @out: has no id when no image is wanted, or none is to be made */
static int build(struct building *b, struct build_committed *out, struct err *err)
{
	AUTO(stages) struct stages stages = { 0 };
	AUTO(mem) char *program = host_helper(b->app->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	size_t target;

	int r = find_stages(b, &stages, &target, err);
	if (r == 0)
		r = tell_first(b, &stages, target, err);
	if (r < 0 || b->call.kind != BUILD_CALL_BUILD)
		return r;
	r = layer_helper_open(&host, &helper, err);
	if (r == 0)
		r = solve_shown(b, &stages, target, helper, err);
	if (r == 0)
		r = build_sbom_write(&b->args->sbom, b->options,
				     is_several(b) ? b->options->platform : NULL, err);
	if (r == 0)
		r = build_squash(b->app->engine, b->options, &b->solution.sofar, err);
	if (r == 0)
		r = build_outputs_files(b->app, b->outputs,
					is_several(b) ? b->options->platform : NULL,
					&b->solution.sofar, err);
	if (r == 0)
		r = commit(b, &stages, target, helper, out, err);
	/* The image is there all the same. */
	if (r == 0 && !b->not_kept.code)
		(void)!shared_export(b->app->engine, b->options, &b->solution, helper,
				     &b->not_kept);
	return r;
}

static int find_platforms(struct building *b, struct err *err)
{
	AUTO(stages) struct stages stages = { 0 };
	size_t target;

	int r = build_platforms_parse(b->app, b->args, &b->platforms, err);
	build_platforms_use(b->app, NULL, b->options);
	if (r < 0 || !b->args->all_platforms)
		return r;
	r = find_stages(b, &stages, &target, err);
	return r < 0 ? r
		     : build_platforms_all(b->app, b->options, &stages, target, &b->platforms, err);
}

/* One image for each; the list's entries are in the order in which the user named the platforms. */
static int build_each(struct building *b, struct build_committed *last, struct err *err)
{
	const size_t count = max_of(b->platforms.count, (size_t)1);
	AUTO(mem) char **digests = mem_alloc(count, sizeof *digests);
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		const size_t at = build_platforms_order(b->app, &b->platforms, i);
		build_committed_clear(last);
		if (b->platforms.count)
			build_platforms_use(b->app, b->platforms.items[at], b->options);
		r = build(b, last, err);
		if (r == 0 && last->digest)
			digests[at] = str_dup(last->digest);
	}
	for (size_t i = 0; i < count; i++)
		if (digests[i])
			strv_take(&b->digests, digests[i]);
	return r;
}

/* The names that the user gave: of the image, or of the list that the images become. */
static int build_all(struct building *b, struct build_committed *out, struct err *err)
{
	const char *list = b->args->manifest;
	AUTO(strv) struct strv names = { 0 };

	strv_extend(&names, &b->args->tags);
	strv_extend(&names, &b->outputs->names);
	if (!is_several(b))
		strv_extend(&b->names, &names);
	int r = build_each(b, out, err);
	if (r < 0 || !b->digests.count)
		return r;
	if (is_several(b) && (names.count || !list)) {
		build_committed_clear(out);
		r = build_platforms_join(b->app, &names, &b->digests, out, err);
	}
	return r == 0 && list ? build_platforms_add(b->app, list, &b->digests, err) : r;
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

/* Of what is read as a context or a Dockerfile nothing is left for commands. */
static int open_input(const struct build_args *args, const struct strv *words, struct input *input,
		      struct build_options *options, struct err *err)
{
	const bool context = words->count && str_eq(words->items[0], "-");

	if (!args->input)
		return 0;
	if (context || strv_find(&args->files, "-") >= 0)
		return err_set(err, -EINVAL, "--stdin: the standard input is the %s already",
			       context ? "context" : "Dockerfile");
	if (args->jobs > 1)
		return err_set(err, -EINVAL,
			       "--jobs cannot be given with --stdin: one RUN at a time can read");
	options->input = input;
	return input_open(input, err);
}

static int build_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct build_args *args = data;
	AUTO(build_options) struct build_options options = { 0 };
	AUTO(input) struct input input = { 0 };
	AUTO(build_outputs) struct build_outputs outputs = { 0 };
	AUTO(build_committed) struct build_committed image = { 0 };
	AUTO(dockerfile) struct dockerfile *file = NULL;
	AUTO(build_source) struct build_source source = { 0 };
	AUTO(build_sources) struct build_sources named = { 0 };
	AUTO(mem) char *ignore_name = NULL;
	AUTO(mem) char *ignore_text = NULL;
	AUTO(building)
	struct building b = { .app = app, .args = args, .options = &options, .outputs = &outputs };
	AUTO(fd) int lock = -1;

	int r = build_opts_options(app, args, &options, err);
	if (r == 0)
		r = build_show_check(app, args, err);
	if (r == 0)
		r = build_call_parse(args, &b.call, err);
	if (r == 0)
		r = build_outputs_parse(args, &outputs, err);
	if (r == 0)
		r = check_names(app, &args->tags, err);
	if (r == 0)
		r = check_names(app, &outputs.names, err);
	if (r == 0)
		r = build_inputs_read(app, &args->inputs, &options, err);
	if (r == 0)
		r = open_input(args, words, &input, &options, err);
	if (r == 0)
		r = build_source_open(app, words->count ? words->items[0] : NULL, &options, &source,
				      err);
	if (r == 0)
		r = build_sources_open(app, &options, &named, err);
	options.folder = source.folder;
	if (r == 0)
		r = build_files_dockerfile(app, args, &options, &source, &file, err);
	if (r == 0)
		r = build_files_ignore(args, &source, &ignore_name, &ignore_text, err);
	options.ignore_name = ignore_name;
	options.ignore_text = ignore_text;
	b.file = file;
	if (r == 0)
		r = find_platforms(&b, err);
	if (r == 0 && is_several(&b))
		r = build_outputs_check_several(&outputs, err);
	if (r == 0 && b.call.kind == BUILD_CALL_BUILD)
		r = build_sbom_begin(app, &options, &b.found, err);
	if (r == 0)
		r = lock_take(app->engine->store, LOCK_BUILD, "", LOCK_SHARED, &lock, err);
	if (r < 0)
		return r;
	box_sweep(app->engine);
	if (b.call.kind == BUILD_CALL_BUILD)
		r = shared_ask(app->engine, &options, err);
	if (r < 0)
		return r;
	if (b.call.kind == BUILD_CALL_BUILD && !options.no_cache)
		shared_load(app->engine, &options);
	r = build_all(&b, &image, err);
	fd_close(take_fd(lock));
	if (b.did)
		buildprune_settle(app->engine);
	if (r == 0 && image.id)
		r = build_outputs_images(app, args, &outputs, &image, is_several(&b), err);
	if (r == 0 && image.id)
		r = build_tell(app, args, &outputs, &image, err);
	if (r == 0 && b.not_kept.code) {
		r = err_move(err, &b.not_kept);
		return err_hint(err, "the image is built; its steps are in the build cache here");
	}
	if (r == 0)
		return 0;
	if (r == -EINTR && b.solution.signal) {
		app_error(app, err);
		return STATUS_SIGNAL + b.solution.signal;
	}
	if (r == -EINTR || b.solution.status == 0 || app_docker(app))
		return r;
	app_error(app, err);
	return b.solution.status;
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
