/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_opts - the options of build, and what they ask for
 *
 * The table is in three parts: of the image, of how RUN runs (build_run_opts.c), and of what is not there
 * (build_absent_opts.c).
 */
#pragma once

#include "build/options.h"
#include "cli/command.h"
#include "cmd/build_inputs.h"
#include "cmd/build_sbom.h"
#include "cmd/build_userns.h"
#include "cmd/registry_opts.h"
#include "cmd/run_opts.h"

struct build_args {
	/* what is built */
	struct strv files;
	const char *ignorefile;
	const char *target;
	const char *from;
	struct strv build_args;
	struct strv arg_files;
	enum tri skip_unused;
	bool check;
	const char *call;
	struct strv platforms;
	bool all_platforms;
	const char *manifest;
	const char *arch;
	const char *os;
	const char *variant;

	/* the image */
	struct strv tags;
	struct strv labels;
	struct strv annotations;
	struct strv env;
	struct strv unset_env;
	struct strv unset_labels;
	enum tri inherit_labels;
	enum tri created_annotation;
	const char *os_version;
	struct strv os_features;
	const char *format;
	const char *timestamp;
	const char *epoch;
	enum tri rewrite;
	bool omit_history;
	bool squash;
	bool squash_all;
	enum tri layers;

	/* how */
	bool compat_volumes;
	bool save_stages;
	bool stage_labels;
	struct strv layer_labels;
	bool keep_failed;
	bool no_cache;
	struct strv no_cache_filter;
	int64_t cache_ttl; /* -1: not given */
	struct strv cache_from;
	struct strv cache_to;
	int jobs;
	const char *pull;
	struct build_inputs_args inputs;
	struct registry_args registry;
	struct retry_args retry;
	struct create_args run; /* see build_run_opts */
	struct build_userns_args userns;
	enum tri http_proxy;
	struct strv runtime_flags;
	bool input;
	struct sbom_typed sbom;
	struct strv hook_folders;

	/* where it goes, and what is told */
	struct strv outputs;
	bool push;
	const char *iidfile;
	const char *iidfile_raw;
	const char *metadata_file;
	const char *progress;
	const char *logfile;
	bool logsplit;
	bool quiet;
};

/* What is not zero by default. */
#define BUILD_DEFAULTS                                                                             \
	{                                                                                          \
		.cache_ttl = -1, .retry = { .retries = -1 },                                       \
		.run = {.stop_timeout = -1,                                                        \
			.passwd = -1,                                                              \
			.tls_verify = -1,                                                          \
			.retries = -1,                                                             \
			.health = HEALTH_ARGS_NONE }                                               \
	}

extern const struct opt build_opts[];	     /* of struct build_args: all of them */
extern const struct opt build_run_opts[];    /* those that say how RUN runs */
extern const struct opt build_absent_opts[]; /* those that are refused, or say what is so anyway */

/**
 * build_opts_options() - what they ask for
 * @app:	flavour, and facts of the host
 * @args:	filled from build_opts; must live as long as @out
 * @out:	zeroed by the caller, who owns it (build_opts_clear) in any case
 * @err:	names the option that is wrong
 *
 * Context and platform are left to the caller.
 *
 * Return: 0; -EINVAL; -ENOENT for a file that is not there.
 */
must_check int build_opts_options(const struct app *app, const struct build_args *args,
				  struct build_options *out, struct err *err);

/**
 * build_run_options() - how RUN runs
 * @app:	flavour, and what can be had on this machine
 * @args:	filled from build_run_opts; must live as long as @out
 * @out:	.run and .run_key are set
 * @err:	names the option that is wrong
 *
 * Return: as createcheck_step().
 */
must_check int build_run_options(const struct app *app, const struct build_args *args,
				 struct build_options *out, struct err *err);

/**
 * build_opts_clear() - release what build_opts_options() made
 * @options:	zeroed afterwards
 */
void build_opts_clear(struct build_options *options);

static inline void auto_build_options(struct build_options *options)
{
	build_opts_clear(options);
}
