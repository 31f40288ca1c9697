/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_show - how a build looks on stderr
 *
 *	[2/5] RUN make			of a file with one stage
 *	[tools 2/5] RUN make		of one with several
 *	[linux/arm64 tools 2/5] RUN make	for several platforms
 *
 * In plain lines, on a terminal as lines that stay above those that are redrawn, or as events (cmd/build_view.h).
 */
#pragma once

#include <stdio.h>

#include "build/solve.h"
#include "cli/app.h"
#include "cmd/build_opts.h"
#include "cmd/build_view.h"

struct build_show_stage {
	struct {
		char *items; /* a line that has not ended */
		size_t count;
	} line;
	char *text;	  /* of the present step, harmless; NULL: none is at work */
	int number, of;	  /* of it */
	int line_number;  /* of the Dockerfile; 0: none */
	int64_t since;	  /* clock_mono() of its begin */
	struct strv last; /* lines of its output when they do not stay, the newest last */
	char *error;	  /* why it failed, or NULL */

	/* of build_rawjson */
	char *vertex; /* digest of the present or last step, or NULL */
	char *started;
	struct strv inputs; /* digests */
	struct strv begun;  /* ID=TIME: what is fetched, and since when */
};

/* What is drawn on the terminal. */
struct build_live_state {
	int rows, columns;
	bool colours;
	bool changed;	  /* since it was drawn */
	int64_t begun;	  /* clock_mono() */
	int64_t drawn;	  /* clock_mono() */
	int done;	  /* steps */
	struct strv stay; /* lines that are to be written above */
	struct {
		int *items; /* of the lines that are redrawn: how wide each is */
		size_t count;
	} lines;
};

struct build_show {
	const struct build_view *view;
	FILE *out; /* NULL: nothing is shown */
	FILE *log; /* of --logfile, or NULL */
	FILE *err; /* where failures are told */
	bool told; /* what steps print is shown as it comes, and stays */
	bool several;
	const char *platform; /* of several, or NULL */
	const struct stages *stages;
	struct build_show_stage *items;
	struct strv warned; /* what was said already */
	struct build_live_state live;
	struct layer_helper *helper; /* of build_rawjson: hashes; or NULL */
	struct build_watch watch;    /* hand this to solve() */
};

/**
 * build_show_check() - whether it can be shown so
 * @app:	where to
 * @args:	--progress counts, and without it BUILDKIT_PROGRESS
 * @err:	which word is not known, or that it needs a terminal
 *
 * Return: 0; -EINVAL; -ENOTTY.
 */
must_check int build_show_check(const struct app *app, const struct build_args *args,
				struct err *err);

/**
 * build_show_events() - whether it is told to a program
 * @app:	as build_show_check()
 * @args:	likewise, checked
 *
 * Return: whether stderr shall have events alone.
 */
bool build_show_events(const struct app *app, const struct build_args *args);

/**
 * build_show_init() - begin to show
 * @show:	to be released with build_show_clear; must not move while .watch is in use
 * @app:	where to
 * @stages:	borrowed
 * @platform:	told with each step; borrowed; or NULL
 * @log:	file that is written to instead; or NULL
 * @logs:	those that this build has begun, which are added to; has @log afterwards
 * @args:	--quiet and --progress count
 * @err:	as build_show_check(), or which file cannot be written
 *
 * Return: as build_show_check(); otherwise what the kernel said.
 */
must_check int build_show_init(struct build_show *show, const struct app *app,
			       const struct stages *stages, const char *platform, const char *log,
			       struct strv *logs, const struct build_args *args, struct err *err);

/**
 * build_show_label() - what stands before the numbers of a step
 * @show:	begun
 * @at:		the stage
 *
 * Return: "linux/arm64 tools ", with a space behind it unless it is empty; to be freed.
 */
must_check char *build_show_label(const struct build_show *show, size_t at);

/**
 * build_show_failure() - what the user needs to find out why a stage failed
 * @show:	shown so far
 * @at:		the stage
 * @line:	of the Dockerfile
 *
 * The last lines of the step's output when they do not stand there, and the instruction with its lines' numbers.
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
