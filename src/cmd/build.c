/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build - make an image as a Dockerfile says
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "build/box.h"
#include "build/commit.h"
#include "build/ignore.h"
#include "build/solve.h"
#include "cli/command.h"
#include "cmd/build_show.h"
#include "cmd/registry_opts.h"
#include "cmd/run_opts.h"
#include "store/lock.h"

enum { ID_FILE_MODE = 0644, STATUS_INTERRUPTED = 130 };

struct build_args {
	struct strv files;
	struct strv tags;
	struct strv build_args;
	struct strv labels;
	struct strv annotations;
	const char *target;
	const char *iidfile;
	int jobs;
	bool no_cache;
	bool quiet;
	struct registry_args registry;
};

#define A struct build_args
static const struct opt build_opts[] = {
	OPT_LIST('f', "file", "FILE", A, files, COMPLETE_FILE,
		 "read FILE instead of Containerfile or Dockerfile in the context; - is the standard "
		 "input"),
	OPT_LIST('t', "tag", "NAME[:TAG]", A, tags, COMPLETE_IMAGES, "name the image so"),
	OPT_LIST(0, "build-arg", "NAME[=VALUE]", A, build_args, COMPLETE_NONE,
		 "set a variable that ARG declares; without a value the caller's"),
	OPT_LIST(0, "label", "KEY=VALUE", A, labels, COMPLETE_NONE, "give the image a label"),
	OPT_LIST(0, "annotation", "KEY=VALUE", A, annotations, COMPLETE_NONE,
		 "give the image's manifest an annotation"),
	OPT_TEXT(0, "target", "STAGE", A, target, COMPLETE_NONE, "build this stage, not the last"),
	OPT_TEXT(0, "iidfile", "FILE", A, iidfile, COMPLETE_FILE, "write the image's id to FILE"),
	OPT_INT(0, "jobs", "N", A, jobs, "build so many stages at a time (0: one a processor)"),
	OPT_FLAG(0, "no-cache", A, no_cache, "do every step again"),
	OPT_FLAG('q', "quiet", A, quiet, "say nothing but the image's id"),
	OPT_INCLUDE(A, registry, registry_opts),
	OPT_END,
};
#undef A

/* ---- files ------------------------------------------------------------------------------------ */

static int read_input(char **out, size_t *out_size, struct err *err)
{
	const int r = fd_read_all(STDIN_FILENO, DOCKERFILE_MAX_BYTES, out, out_size);

	return r < 0 ? err_sys(err, r, "cannot read the standard input") : 0;
}

static int read_file(const char *folder, const char *name, char **out, size_t *out_size)
{
	AUTO(mem)
	char *path = folder && *name != '/' ? str_fmt("%s/%s", folder, name) : str_dup(name);

	return file_read(AT_FDCWD, path, DOCKERFILE_MAX_BYTES, out, out_size);
}

static int read_dockerfile(const struct app *app, const struct build_args *args, const char *folder,
			   struct dockerfile **out, struct err *err)
{
	static const char *const usual[] = { "Containerfile", "Dockerfile" };
	AUTO(mem) char *text = NULL;
	size_t size = 0;
	const char *name = args->files.count ? args->files.items[0] : NULL;
	int r = -ENOENT;

	if (name && str_eq(name, "-"))
		r = read_input(&text, &size, err);
	else if (name)
		r = read_file(NULL, name, &text, &size);
	for (size_t i = app_docker(app); !name && r == -ENOENT && i < array_len(usual); i++)
		r = read_file(folder, usual[i], &text, &size);
	if (r < 0 && !err->code) {
		(void)err_sys(err, r, "cannot read '%s'", str_or(name, "Dockerfile"));
		if (r == -ENOENT)
			(void)err_hint(err, "name it with -f FILE");
	}
	if (r < 0)
		return r;
	return dockerfile_parse(text, size, name && !str_eq(name, "-") ? name : "Dockerfile", out,
				err);
}

/* FILE.dockerignore beside the Dockerfile comes first. */
static int read_ignore(const struct build_args *args, const char *folder, char **out_name,
		       char **out_text, struct err *err)
{
	const char *file = args->files.count ? args->files.items[0] : "Dockerfile";
	AUTO(mem) char *own = str_fmt("%s.dockerignore", file);
	const char *const names[] = { own, ".containerignore", ".dockerignore" };

	for (size_t i = 0; folder && i < array_len(names); i++) {
		const char *base = i == 0 && args->files.count ? NULL : folder;
		const int r = read_file(base, names[i], out_text, NULL);
		if (r == 0)
			*out_name = str_dup(names[i]);
		if (r == 0)
			return 0;
		if (r != -ENOENT && r != -ENOTDIR)
			return err_sys(err, r, "cannot read '%s'", names[i]);
	}
	return 0;
}

/* ---- options ---------------------------------------------------------------------------------- */

static void add_platform(const char *prefix, const char *text, struct strv *out)
{
	AUTO(strv) struct strv parts = { 0 };

	strv_split(&parts, text, '/');
	strv_addf(out, "%sPLATFORM=%s", prefix, text);
	strv_addf(out, "%sOS=%s", prefix, parts.items[0]);
	strv_addf(out, "%sARCH=%s", prefix, parts.count > 1 ? parts.items[1] : "");
	strv_addf(out, "%sVARIANT=%s", prefix, parts.count > 2 ? parts.items[2] : "");
}

static void set_platforms(const struct app *app, struct build_options *options)
{
	struct platform host = { 0 };

	platform_host(app->host->machine, &host);
	AUTO(mem) char *here = platform_print(&host);
	platform_clear(&host);
	add_platform("BUILD", here, &options->platform_args);
	add_platform("TARGET", str_or(options->platform, here), &options->platform_args);
}

static void set_args(const struct app *app, const struct build_args *args,
		     struct build_options *options)
{
	for (size_t i = 0; i < args->build_args.count; i++) {
		const char *text = args->build_args.items[i];
		const char *value = strchr(text, '=') ? NULL : host_env(app->host, text);
		AUTO(mem) char *joined = value ? str_fmt("%s=%s", text, value) : str_dup(text);
		if (strchr(joined, '='))
			strv_env_set(&options->args, joined);
	}
}

static void options_clear(struct build_options *options)
{
	strv_clear(&options->args);
	strv_clear(&options->platform_args);
}

static void auto_build_options(struct build_options *options)
{
	options_clear(options);
}

/* ---- building --------------------------------------------------------------------------------- */

static int build(struct app *app, const struct build_args *args, struct build_options *options,
		 const struct dockerfile *file, struct build_committed *out, int *out_status,
		 struct err *err)
{
	const struct stages_input input = { .build_args = &options->args,
					    .platform_args = &options->platform_args };
	AUTO(stages) struct stages stages = { 0 };
	AUTO(build_show) struct build_show show = { 0 };
	AUTO(mem) char *program = host_helper(app->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	struct solution solution = { 0 };
	size_t target;

	int r = stages_find(file, &input, &stages, err);
	if (r == 0)
		r = stages_target(&stages, options->target, &target, err);
	if (r == 0)
		r = layer_helper_open(&host, &helper, err);
	if (r < 0)
		return r;
	build_show_init(&show, app, &stages, args->quiet);
	r = solve(app->engine, options, &stages, target, &show.watch, helper, &solution, err);
	*out_status = solution.status;
	if (r == 0)
		r = build_commit(app->engine, options, &args->tags, &args->annotations,
				 &solution.sofar, helper, out, err);
	sofar_clear(&solution.sofar);
	return r;
}

static int tell(struct app *app, const struct build_args *args, const struct build_committed *image,
		struct err *err)
{
	AUTO(mem) char *shown = str_fmt("sha256:%s", image->id);

	if (args->iidfile) {
		const int r = file_replace(AT_FDCWD, args->iidfile, ID_FILE_MODE, shown,
					   strlen(shown), false);
		if (r < 0)
			return err_sys(err, r, "cannot write '%s'", args->iidfile);
	}
	if (args->quiet || !app_docker(app))
		fprintf(app->out, "%s\n", app_docker(app) ? shown : image->id);
	return 0;
}

static int build_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct build_args *args = data;
	const struct run_args usual = RUN_DEFAULTS;
	AUTO(build_options)
	struct build_options options = {
		.target = args->target,
		.no_cache = args->no_cache,
		.jobs = args->jobs,
		.labels = args->labels,
		.run = usual.create,
		.access = registry_access(&args->registry, NULL),
	};
	AUTO(build_committed) struct build_committed image = { 0 };
	AUTO(dockerfile) struct dockerfile *file = NULL;
	AUTO(mem) char *folder = NULL;
	AUTO(mem) char *ignore_name = NULL;
	AUTO(mem) char *ignore_text = NULL;
	AUTO(fd) int lock = -1;
	int status = 0;

	if (words->count) {
		folder = realpath(words->items[0], NULL);
		if (!folder)
			return err_sys(err, -errno, "cannot use '%s' as build context",
				       words->items[0]);
	}
	options.folder = folder;
	set_args(app, args, &options);
	set_platforms(app, &options);
	int r = read_dockerfile(app, args, folder, &file, err);
	if (r == 0)
		r = read_ignore(args, folder, &ignore_name, &ignore_text, err);
	options.ignore_name = ignore_name;
	options.ignore_text = ignore_text;
	if (r == 0)
		r = lock_take(app->engine->store, LOCK_BUILD, "", LOCK_SHARED, &lock, err);
	if (r < 0)
		return r;
	box_sweep(app->engine);
	r = build(app, args, &options, file, &image, &status, err);
	if (r == 0)
		return tell(app, args, &image, err);
	if (r == -EINTR || status == 0 || app_docker(app))
		return r;
	app_error(app, err);
	return status;
}

static const struct exit_rule build_exits[] = { { -EINTR, STATUS_INTERRUPTED, STATUS_INTERRUPTED },
						{ 0, 1, 125 } };

const struct command cmd_build = {
	.name = "build",
	.group = GROUP_IMAGE,
	.about = "make an image as a Dockerfile says",
	.text = "Reads a Dockerfile and the files of the build context, a folder. Steps that were done "
		"before, with the same files, are taken from the build cache. Prints the image's id.",
	.args = "[CONTEXT]",
	.complete = COMPLETE_FILE,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = build_opts,
	.args_size = sizeof(struct build_args),
	.exits = build_exits,
	.examples = "cubby build -t app .\n"
		    "cubby build -f docker/Dockerfile --target test .\n",
	.run = build_run,
};
