/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * progress - how a pull or a push looks on stderr
 *
 * On a terminal one line a layer, redrawn: bytes, rate, time left. Elsewhere plain lines: what is asked,
 * what begins, what is done.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/app.h"
#include "engine/watch.h"

struct progress_layer {
	int64_t since; /* clock_mono() when the first bytes came, 0 before */
	int64_t from;  /* bytes there at that time */
	int told;      /* enum watch_state last told in plain lines, or -1 */
};

struct progress {
	FILE *out;
	bool terminal;
	int rows; /* of the terminal */
	int columns;
	int lines;     /* drawn last time */
	int64_t drawn; /* clock_mono() of the last drawing */
	bool docker;
	bool push;     /* the last of the layers is the config */
	bool complete; /* all of them are where they belong */
	struct progress_layer *layers;
	size_t count;
	struct watch watch; /* hand this to the engine */
};

/**
 * progress_init() - begin to show
 * @progress:	to be released with progress_clear; must not move while .watch is in use
 * @app:	where to
 * @quiet:	show nothing
 */
void progress_init(struct progress *progress, const struct app *app, bool quiet);

/**
 * progress_init_push() - begin to show a push
 * @progress:	as progress_init()
 * @app:	where to
 * @quiet:	show nothing
 */
void progress_init_push(struct progress *progress, const struct app *app, bool quiet);

/**
 * progress_clear() - release
 * @progress:	zeroed afterwards
 */
void progress_clear(struct progress *progress);

static inline void auto_progress(struct progress *progress)
{
	progress_clear(progress);
}
