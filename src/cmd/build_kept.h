/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_kept - what a step that failed has left, and what was there before it, as images to look into
 *
 * With --keep-failed only: else a failed build leaves nothing but its layers in the build cache.
 */
#pragma once

#include "build/solve.h"
#include "cli/app.h"
#include "cmd/build_opts.h"

/**
 * build_kept() - enter them without names, and hint at the commands that look into them
 * @app:	where to
 * @args:	--keep-failed counts
 * @options:	of the build
 * @solution:	failed; its .sofar is used up
 * @err:	what failed; its hint is extended
 *
 * They run a shell, with the user, folder and variables that the step had, its ARGs too. Of an image's own process,
 * health check and volumes nothing is left. That it cannot be entered is told. Without the option the hint names it
 * when a command failed.
 */
void build_kept(struct app *app, const struct build_args *args, const struct build_options *options,
		struct solution *solution, struct err *err);
