/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_opts - the options of build, and what they ask for
 */
#pragma once

#include "build/options.h"
#include "cli/command.h"
#include "cmd/build_inputs.h"
#include "cmd/registry_opts.h"

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
	struct build_inputs_args inputs;
	struct registry_args registry;
};

extern const struct opt build_opts[]; /* of struct build_args */

/**
 * build_opts_options() - what they ask for
 * @app:	flavour, and facts of the host
 * @args:	filled from build_opts; must live as long as @out
 * @out:	zeroed by the caller, who owns it (build_opts_clear) in any case
 * @err:	names the option that is wrong
 *
 * The context is left to the caller.
 *
 * Return: 0 or -EINVAL.
 */
must_check int build_opts_options(const struct app *app, const struct build_args *args,
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
