/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_lint - what in a Dockerfile is likely not meant, and variables that nothing asks for
 */
#pragma once

#include "build/stages.h"
#include "cmd/build_call.h"
#include "cmd/build_opts.h"

/**
 * build_lint() - tell it
 * @app:	where to: of a check the standard output, else stderr, but for --quiet
 * @args:	as typed
 * @call:	build, or check
 * @options:	of the build
 * @stages:	found
 * @err:	says that findings shall be errors, or what is wrong with `# check=`
 *
 * The environment of an image that a stage is built upon is known when the image is in the store; nothing is pulled.
 *
 * Return: 0; -EINVAL, also for findings of a check or with `# check=error=true`.
 */
must_check int build_lint(struct app *app, const struct build_args *args,
			  const struct build_call *call, const struct build_options *options,
			  const struct stages *stages, struct err *err);
