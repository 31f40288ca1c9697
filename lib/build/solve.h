/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * solve - building the stages that a target needs, several at the same time
 *
 * A stage begins as soon as those that it needs are built. When one fails the others are ended, and what their steps
 * have left is removed; so it is when the user interrupts.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "build/options.h"
#include "build/report.h"
#include "build/stages.h"
#include "engine/engine.h"
#include "layer/client.h"

/* Told what happens, in the process that solves; .data is handed over. */
struct build_watch {
	void (*report)(void *data, const struct stages *stages, size_t stage,
		       const struct report *report);
	/* @stream: 1 or 2; 1 alone unless .events */
	void (*output)(void *data, size_t stage, int stream, const char *bytes, size_t size);
	/*
	 * Called before each wait, and when the terminal's size has changed. Returns after how many milliseconds it
	 * wants to be called again whatever happens, or -1.
	 */
	int (*draw)(void *data);
	bool events; /* what is fetched is told of as well, and the two streams of a step come apart */
	void *data;
};

/* A step that was done, or found. */
struct solution_step {
	char key[65]; /* hex, in the build cache */
	size_t stage;
	bool upon; /* the target is built upon it */
};

struct solution {
	struct sofar
		sofar; /* of the target; on failure of the stage that failed, with .keep_failed */
	bool partial;  /* its uppermost layer is what the step that failed has written */
	size_t failed; /* stage that failed */
	bool told;     /* it has said so itself */
	int line;      /* where; 0: at no line of the Dockerfile */
	int status;    /* of its command, 0 when something else failed */
	int signal;    /* that interrupted, or 0 */
	bool did;      /* a step was done that the cache did not have */
	struct solution_step *steps;
	size_t step_count;
	struct sofar
		*built; /* of each stage, without .config where it was not built; NULL where neither
			   .cache_to nor .save_stages wants it, on failure unless the latter does */
	size_t built_count;
};

/**
 * solve() - build a stage and all that it needs
 * @engine:	the engine
 * @options:	how
 * @stages:	of the Dockerfile
 * @target:	which one
 * @watch:	told
 * @helper:	hashes, for the first stage; idle again on success
 * @out:	to be released with solution_clear in any case
 * @err:	names the line that failed
 *
 * Return: 0; -EINTR when the user interrupted; otherwise a negative errno.
 */
must_check int solve(struct engine *engine, const struct build_options *options,
		     const struct stages *stages, size_t target, const struct build_watch *watch,
		     struct layer_helper *helper, struct solution *out, struct err *err);

/**
 * solution_clear() - release all
 * @solution:	zeroed afterwards
 */
void solution_clear(struct solution *solution);

static inline void auto_solution(struct solution *solution)
{
	solution_clear(solution);
}
