/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_show - how a build looks on stderr, in plain lines
 *
 *	[2/5] RUN make			of a file with one stage
 *	[tools 2/5] RUN make		of one with several
 *
 * What steps print is shown as it comes, a whole line at a time; where several stages are built at once each line
 * says of which it is.
 */
#pragma once

#include <stdio.h>

#include "build/solve.h"
#include "cli/app.h"

struct build_show_stage {
	struct {
		char *items; /* a line that has not ended */
		size_t count;
	} line;
	int64_t since; /* clock_mono() of the present step's begin */
};

struct build_show {
	FILE *out; /* NULL: nothing is shown */
	bool several;
	const struct stages *stages;
	struct build_show_stage *items;
	struct build_watch watch; /* hand this to solve() */
};

/**
 * build_show_init() - begin to show
 * @show:	to be released with build_show_clear; must not move while .watch is in use
 * @app:	where to
 * @stages:	borrowed
 * @quiet:	show nothing
 */
void build_show_init(struct build_show *show, const struct app *app, const struct stages *stages,
		     bool quiet);

/**
 * build_show_clear() - show what is left, and release
 * @show:	zeroed afterwards
 */
void build_show_clear(struct build_show *show);

static inline void auto_build_show(struct build_show *show)
{
	build_show_clear(show);
}
