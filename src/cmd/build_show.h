/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_show - how a build looks on stderr, in plain lines
 *
 *	[2/5] RUN make			of a file with one stage
 *	[tools 2/5] RUN make		of one with several
 *	[linux/arm64 tools 2/5] RUN make	for several platforms
 *
 * What steps print is shown as it comes, a whole line at a time; where several stages are built at once each line
 * says of which it is.
 */
#pragma once

#include <stdio.h>

#include "build/solve.h"
#include "cli/app.h"
#include "cmd/build_opts.h"

struct build_show_stage {
	struct {
		char *items; /* a line that has not ended */
		size_t count;
	} line;
	int64_t since; /* clock_mono() of the present step's begin */
	struct strv
		last; /* lines of the present step's output that were not shown, the newest last */
};

struct build_show {
	FILE *out; /* NULL: nothing is shown */
	FILE *log; /* of --logfile, or NULL */
	FILE *err; /* where failures are told */
	bool several;
	const char *platform; /* of several, or NULL */
	const struct stages *stages;
	struct build_show_stage *items;
	struct strv warned;	  /* what was said already */
	struct build_watch watch; /* hand this to solve() */
};

/**
 * build_show_init() - begin to show
 * @show:	to be released with build_show_clear; must not move while .watch is in use
 * @app:	where to
 * @stages:	borrowed
 * @platform:	told with each step; borrowed; or NULL
 * @args:	--quiet, --progress and --logfile count
 * @err:	which file cannot be written, or which word is not known
 *
 * Return: 0; -EINVAL; otherwise what the kernel said.
 */
must_check int build_show_init(struct build_show *show, const struct app *app,
			       const struct stages *stages, const char *platform,
			       const struct build_args *args, struct err *err);

/**
 * build_show_failure() - what the user needs to find out why a stage failed
 * @show:	shown so far
 * @at:		the stage
 * @line:	of the Dockerfile
 *
 * The last lines of the step's output when they were not shown, and the instruction with its lines' numbers.
 */
void build_show_failure(struct build_show *show, size_t at, int line);

/**
 * build_show_clear() - show what is left, and release
 * @show:	zeroed afterwards
 */
void build_show_clear(struct build_show *show);

static inline void auto_build_show(struct build_show *show)
{
	build_show_clear(show);
}
