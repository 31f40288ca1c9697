/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_opts - the options of build, and what they ask for
 */
#include "cmd/build_opts.h"

#include "cmd/run_opts.h"

#define A struct build_args
const struct opt build_opts[] = {
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
	OPT_INCLUDE(A, inputs, build_inputs_opts),
	OPT_INCLUDE(A, registry, registry_opts),
	OPT_END,
};
#undef A

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

int build_opts_options(const struct app *app, const struct build_args *args,
		       struct build_options *out, struct err *err)
{
	const struct run_args usual = RUN_DEFAULTS;

	(void)err;
	*out = (struct build_options){
		.target = args->target,
		.no_cache = args->no_cache,
		.jobs = args->jobs,
		.labels = args->labels,
		.run = usual.create,
		.access = registry_access(&args->registry, NULL),
	};
	set_args(app, args, out);
	set_platforms(app, out);
	return 0;
}

void build_opts_clear(struct build_options *options)
{
	strv_clear(&options->args);
	strv_clear(&options->platform_args);
	build_inputs_clear(options);
	*options = (struct build_options){ 0 };
}
