/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_lint - what in a Dockerfile is likely not meant, and variables that nothing asks for
 */
#pragma once

#include "build/stages.h"
#include "cmd/build_opts.h"

/**
 * build_lint() - tell it
 * @app:	where to: with --check the standard output, else stderr, but for --quiet
 * @args:	as typed
 * @options:	of the build
 * @stages:	found
 * @err:	says that findings shall be errors, or what is wrong with `# check=`
 *
 * Return: 0; -EINVAL, also for findings with `# check=error=true`.
 */
must_check int build_lint(struct app *app, const struct build_args *args,
			  const struct build_options *options, const struct stages *stages,
			  struct err *err);
