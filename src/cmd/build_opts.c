/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_opts - the options of build, and what they ask for
 */
#include "cmd/build_opts.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/build_caches.h"
#include "cmd/globals.h"
#include "engine/envfile.h"
#include "layer/job.h"

#define EPOCH "SOURCE_DATE_EPOCH"
#define TIME_MAX_SECONDS UINT64_C(253402300799) /* the year 9999 ends */

#define A struct build_args
const struct opt build_opts[] = {
	/* what is built */
	OPT_LIST('f', "file", "FILE", A, files, COMPLETE_FILE,
		 "read FILE instead of Containerfile or Dockerfile in the context; - is the standard "
		 "input. Of several each goes on where the one before ends"),
	OPT_TEXT(0, "ignorefile", "FILE", A, ignorefile, COMPLETE_FILE,
		 "read what the context leaves out from FILE instead of .containerignore or "
		 ".dockerignore"),
	OPT_TEXT(0, "target", "STAGE", A, target, COMPLETE_NONE, "build this stage, not the last"),
	OPT_TEXT(0, "from", "IMAGE", A, from, COMPLETE_IMAGES,
		 "build upon IMAGE instead of what the first FROM says"),
	OPT_LIST(0, "build-arg", "NAME[=VALUE]", A, build_args, COMPLETE_NONE,
		 "set a variable that ARG declares; without a value the caller's"),
	OPT_LIST(0, "build-arg-file", "FILE", A, arg_files, COMPLETE_FILE,
		 "set variables from a file with lines NAME=VALUE"),
	OPT_TRI(0, "skip-unused-stages", A, skip_unused,
		"leave out the stages that the target does not need (default true)"),
	OPT_FLAG(0, "check", A, check,
		 "only tell what is likely not meant; findings are a failure"),
	OPT_WORDS(
		0, "call", "WHAT[,format=json]", A, call, "build check outline targets",
		"check; or only tell what the target can be given (outline), or the stages (targets)"),
	OPT_LIST(0, "platform", "OS/ARCH[/VARIANT],...", A, platforms, COMPLETE_NONE,
		 "build for these platforms; where programs of another machine run, qemu-user must be "
		 "registered. Images of several become a list with the name of --tag"),
	OPT_FLAG(0, "all-platforms", A, all_platforms,
		 "build for all platforms that there are base images for"),
	OPT_TEXT(0, "manifest", "LIST", A, manifest, COMPLETE_IMAGES,
		 "add the images to this list, which is made when it is not there"),
	OPT_TEXT(0, "arch", "ARCH", A, arch, COMPLETE_NONE, "build for this architecture"),
	OPT_TEXT(0, "os", "OS", A, os, COMPLETE_NONE, "build for this operating system"),
	OPT_TEXT(0, "variant", "VARIANT", A, variant, COMPLETE_NONE,
		 "build for this variant of the architecture"),

	/* the image */
	OPT_LIST('t', "tag", "NAME[:TAG]", A, tags, COMPLETE_IMAGES, "name the image so"),
	OPT_LIST(0, "label", "KEY=VALUE", A, labels, COMPLETE_NONE, "give the image a label"),
	OPT_LIST(0, "unsetlabel", "KEY", A, unset_labels, COMPLETE_NONE,
		 "do not take this label over from the base"),
	OPT_TRI(0, "inherit-labels", A, inherit_labels,
		"take labels over from the base (default true)"),
	OPT_LIST(0, "annotation", "KEY=VALUE", A, annotations, COMPLETE_NONE,
		 "give the image's manifest an annotation"),
	OPT_TRI(0, "created-annotation", A, created_annotation,
		"say in an annotation when the image was made (default false)"),
	OPT_LIST(0, "env", "NAME[=VALUE]", A, env, COMPLETE_NONE,
		 "set a variable in the image; without a value the caller's"),
	OPT_TEXT(0, "os-version", "VERSION", A, os_version, COMPLETE_NONE,
		 "say which version of the operating system the image needs (default the base's)"),
	OPT_LIST(
		0, "os-feature", "FEATURE", A, os_features, COMPLETE_NONE,
		"say that the image needs a feature of the operating system; FEATURE-: not any more"),
	OPT_LIST(0, "unsetenv", "NAME", A, unset_env, COMPLETE_NONE,
		 "leave a variable out of the image"),
	OPT_WORDS(0, "format", "FORMAT", A, format, "oci docker",
		  "documents of this form; called as docker the default is docker"),
	OPT_TEXT(0, "timestamp", "SECONDS", A, timestamp, COMPLETE_NONE,
		 "say that the image, and every file of its new layers, is of this time"),
	OPT_TEXT(0, "source-date-epoch", "SECONDS", A, epoch, COMPLETE_NONE,
		 "say that the image is of this time (default $" EPOCH ")"),
	OPT_TRI(0, "rewrite-timestamp", A, rewrite,
		"with such a time: no file of the new layers is younger (default true)"),
	OPT_FLAG(0, "omit-history", A, omit_history, "leave out how the image was made"),
	OPT_FLAG(0, "squash", A, squash, "make one layer of what is added to the base"),
	OPT_FLAG(0, "squash-all", A, squash_all, "make one layer of all"),
	OPT_TRI(0, "layers", A, layers, "a layer for each step (default); =false is --squash"),

	/* how */
	OPT_FLAG(0, "keep-failed", A, keep_failed,
		 "when a step fails make images without names of what it has left and of what was built "
		 "before it, and say how to look inside"),
	OPT_FLAG(0, "compat-volumes", A, compat_volumes,
		 "undo what RUN does in the folders of VOLUME, of the base, too; COPY and ADD stay"),
	OPT_FLAG(0, "save-stages", A, save_stages,
		 "keep the other stages that were built as images, too, without names"),
	OPT_FLAG(0, "stage-labels", A, stage_labels,
		 "with --save-stages: give these and the image labels that say which stage they are, "
		 "io.buildah.stage.name, and upon what, io.buildah.stage.base"),
	OPT_LIST(0, "layer-label", "KEY[=VALUE]", A, layer_labels, COMPLETE_NONE,
		 "with --save-stages: give these a label, and the image not"),
	OPT_FLAG(0, "no-cache", A, no_cache, "do every step again"),
	OPT_LIST(0, "no-cache-filter", "STAGE,...", A, no_cache_filter, COMPLETE_NONE,
		 "do every step of these stages again"),
	OPT_DURATION(0, "cache-ttl", "TIME", A, cache_ttl,
		     "do steps again that were done longer ago; 0 is --no-cache"),
	OPT_LIST(0, "cache-from", "NAME|type=registry,ref=NAME", A, cache_from, COMPLETE_NONE,
		 "take steps that are not in the build cache from what --cache-to kept there"),
	OPT_LIST(
		0, "cache-to", "NAME|type=registry,ref=NAME[,mode=min]", A, cache_to, COMPLETE_NONE,
		"keep the steps of the build in a registry, for builds elsewhere; those of all stages, "
		"with mode=min those that the image is built upon"),
	OPT_INT(0, "jobs", "N", A, jobs, "build so many stages at a time (0: one a processor)"),
	OPT_OPTIONAL(0, "pull", "POLICY", A, pull, "always", "always missing never newer",
		     "when images are pulled: always (also without POLICY), missing, never, newer"),
	OPT_INCLUDE(A, inputs, build_inputs_opts),
	OPT_INCLUDE(A, registry, registry_opts),
	OPT_INCLUDE(A, retry, retry_opts),
	{ .kind = OPT_KIND_INCLUDE, .offset = 0, .extra = build_run_opts },

	/* what is in it */
	OPT_INCLUDE(A, sbom, build_sbom_opts),

	/* where it goes, and what is told */
	OPT_LIST('o', "output", "WHERE", A, outputs, COMPLETE_FILE,
		 "write the files to a folder or, with -, as a tar; or type=local, tar, oci, docker, "
		 "image or registry with ,dest=FILE, ,name=NAME, ,push=true"),
	OPT_FLAG(0, "push", A, push, "push the image under its names: -o type=registry"),
	OPT_HARMLESS(0, "load", "the image is in the store anyway"),
	OPT_TEXT(0, "iidfile", "FILE", A, iidfile, COMPLETE_FILE, "write the image's id to FILE"),
	OPT_TEXT(0, "iidfile-raw", "FILE", A, iidfile_raw, COMPLETE_FILE,
		 "the same without 'sha256:'"),
	OPT_TEXT(0, "metadata-file", "FILE", A, metadata_file, COMPLETE_FILE,
		 "write digests and names of the image to FILE, as JSON"),
	OPT_WORDS(0, "progress", "HOW", A, progress, "auto plain tty rawjson quiet",
		  "show it in plain lines, redrawn on a terminal (tty), as events of BuildKit "
		  "(rawjson) or not at all; auto is tty where it can be; default "
		  "$BUILDKIT_PROGRESS"),
	OPT_TEXT(0, "logfile", "FILE", A, logfile, COMPLETE_FILE,
		 "write what is shown to FILE instead"),
	OPT_FLAG(0, "logsplit", A, logsplit,
		 "with --logfile: a file for each platform, FILE_linux_arm64 and so on"),
	OPT_SWITCH(0, "debug", globals_debug, "write what happens to stderr"),
	OPT_FLAG('q', "quiet", A, quiet, "say nothing but the image's id"),
	{ .kind = OPT_KIND_INCLUDE, .offset = 0, .extra = build_absent_opts },
	OPT_END,
};
#undef A

/* What is given on the command line wins over files. */
static int set_args(const struct app *app, const struct build_args *args,
		    struct build_options *options, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < args->arg_files.count; i++)
		r = envfile_load(args->arg_files.items[i], app->host, &options->args, err);
	for (size_t i = 0; r == 0 && i < args->build_args.count; i++) {
		const char *text = args->build_args.items[i];
		const char *value = strchr(text, '=') ? NULL : host_env(app->host, text);
		AUTO(mem) char *joined = value ? str_fmt("%s=%s", text, value) : str_dup(text);
		if (strchr(joined, '='))
			strv_env_set(&options->args, joined);
	}
	return r;
}

static int set_env(const struct app *app, const struct build_args *args,
		   struct build_options *options, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < args->env.count; i++)
		r = envfile_assign(args->env.items[i], app->host, &options->env, err);
	return r;
}

static int read_time(const char *name, const char *text, int64_t *out, struct err *err)
{
	uint64_t seconds;

	if (str_u64(text, TIME_MAX_SECONDS, &seconds) < 0)
		return err_set(err, -EINVAL, "%s: '%s' is no number of seconds since 1970", name,
			       text);
	*out = (int64_t)seconds;
	return 0;
}

/* The command line's word, a --build-arg, the caller's variable: the first that is there. */
static int set_time(const struct app *app, const struct build_args *args,
		    struct build_options *options, struct err *err)
{
	const char *given = strv_env_get(&options->args, EPOCH);
	const char *epoch = args->epoch ? args->epoch : given ? given : host_env(app->host, EPOCH);

	if (args->timestamp && args->epoch)
		return err_set(err, -EINVAL,
			       "--timestamp cannot be given with --source-date-epoch");
	if (args->timestamp && args->rewrite != TRI_UNSET)
		return err_set(err, -EINVAL,
			       "--timestamp cannot be given with --rewrite-timestamp");
	if (args->timestamp) {
		options->dated = true;
		options->time_flags = LAYER_STAMP;
		return read_time("--timestamp", args->timestamp, &options->time, err);
	}
	if (!epoch || !*epoch)
		return 0;
	options->dated = true;
	options->time_flags = args->rewrite == TRI_NO ? 0 : LAYER_CLAMP;
	if (!given) {
		AUTO(mem) char *text = str_fmt(EPOCH "=%s", epoch);
		strv_env_set(&options->args, text);
	}
	return read_time(args->epoch ? "--source-date-epoch" : EPOCH, epoch, &options->time, err);
}

static int set_pull(const struct build_args *args, struct build_options *options, struct err *err)
{
	const char *word = str_or(args->pull, "missing");

	if (str_eq(word, "true"))
		word = "always";
	if (str_eq(word, "false"))
		word = "missing";
	for (int i = 0; create_pull_names[i]; i++)
		if (str_eq(word, create_pull_names[i])) {
			options->pull = i;
			return 0;
		}
	return err_set(err, -EINVAL, "--pull: '%s' is none of always, missing, never, newer", word);
}

/* Names of stages are in lower case. */
static void set_filter(const struct build_args *args, struct build_options *options)
{
	struct strv *filter = &options->no_cache_filter;

	for (size_t i = 0; i < args->no_cache_filter.count; i++)
		strv_split(filter, args->no_cache_filter.items[i], ',');
	for (size_t i = 0; i < filter->count; i++)
		for (char *c = filter->items[i]; *c; c++)
			*c = (char)tolower((unsigned char)*c);
}

static int set_stages(const struct build_args *args, struct build_options *options, struct err *err)
{
	const char *name = args->stage_labels	      ? "stage-labels"
			   : args->layer_labels.count ? "layer-label"
						      : NULL;

	if (name && !args->save_stages) {
		(void)err_set(err, -EINVAL, "--%s needs --save-stages", name);
		return err_hint(err,
				"there are no other images than those of stages that are kept: "
				"steps are in the build cache");
	}
	for (size_t i = 0; i < args->layer_labels.count; i++) {
		const char *label = args->layer_labels.items[i];
		strv_addf(&options->layer_labels, "%s%s", label, strchr(label, '=') ? "" : "=");
	}
	return 0;
}

static int set_form(const struct app *app, const struct build_args *args,
		    struct build_options *options, struct err *err)
{
	const char *format = str_or(args->format, app_docker(app) ? "docker" : "oci");

	options->docker = str_eq(format, "docker");
	if (!options->docker && !str_eq(format, "oci"))
		return err_set(err, -EINVAL, "--format: '%s' is neither 'oci' nor 'docker'",
			       format);
	if (args->squash_all)
		options->squash = BUILD_SQUASH_ALL;
	else if (args->squash || args->layers == TRI_NO)
		options->squash = BUILD_SQUASH;
	return 0;
}

int build_opts_options(const struct app *app, const struct build_args *args,
		       struct build_options *out, struct err *err)
{
	*out = (struct build_options){
		.target = args->target,
		.no_cache = args->no_cache || args->cache_ttl == 0,
		.cache_ttl = max_of(args->cache_ttl, 0),
		.jobs = args->jobs,
		.labels = args->labels,
		.unset_env = args->unset_env,
		.os_version = args->os_version,
		.os_features = args->os_features,
		.unset_labels = args->unset_labels,
		.no_base_labels = args->inherit_labels == TRI_NO,
		.created_annotation = args->created_annotation == TRI_YES,
		.omit_history = args->omit_history,
		.compat_volumes = args->compat_volumes,
		.save_stages = args->save_stages,
		.stage_labels = args->stage_labels,
		.keep_failed = args->keep_failed,
		.access = registry_access(&args->registry, &args->retry),
	};
	/* Also where no base has to be pulled. */
	int r = registry_check_asked(app->host, args->registry.authfile, err);
	if (r == 0)
		r = build_caches_read(&args->cache_from, &args->cache_to, out, err);
	if (r == 0)
		r = set_args(app, args, out, err);
	if (r == 0)
		r = set_env(app, args, out, err);
	if (r == 0)
		r = set_time(app, args, out, err);
	if (r == 0)
		r = set_pull(args, out, err);
	if (r == 0)
		r = set_stages(args, out, err);
	if (r == 0)
		r = set_form(app, args, out, err);
	if (r == 0)
		r = build_run_options(app, args, out, err);
	if (r == 0)
		r = build_sbom_read(&args->sbom, out, err);
	set_filter(args, out);
	return r;
}

void build_opts_clear(struct build_options *options)
{
	strv_clear(&options->args);
	strv_clear(&options->env);
	strv_clear(&options->platform_args);
	strv_clear(&options->no_cache_filter);
	strv_clear(&options->run_key);
	strv_clear(&options->uid_maps);
	strv_clear(&options->gid_maps);
	strv_clear(&options->layer_labels);
	build_caches_clear(options);
	free(options->platform);
	build_inputs_clear(options);
	sbom_clear(&options->sbom);
	*options = (struct build_options){ 0 };
}
