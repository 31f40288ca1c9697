/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_view - one way to show a build
 *
 * build_show.c hears of steps and of what they print, keeps what all ways need, and calls these.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct build_show;
struct report;

/* How a step ended. */
enum build_mark {
	BUILD_MARK_NOTHING, /* it changes no files, or is a FROM */
	BUILD_MARK_CACHED,
	BUILD_MARK_DONE,
	BUILD_MARK_FAILED,
};

/* @at is the stage; what its present step is stands in show->items[at]. All but .step and .end may be NULL. */
struct build_view {
	void (*step)(struct build_show *show, size_t at);
	void (*end)(struct build_show *show, size_t at, enum build_mark mark);
	void (*bytes)(struct build_show *show, size_t at, int stream, const char *bytes,
		      size_t size);
	void (*line)(struct build_show *show, size_t at, const char *bytes, size_t size);
	void (*warning)(struct build_show *show, size_t at, const char *text);
	void (*progress)(struct build_show *show, size_t at, const struct report *report);
	int (*draw)(struct build_show *show); /* as .draw of struct build_watch */
	void (*close)(struct build_show *show);
};

extern const struct build_view build_plain;   /* lines, to show->out and show->log */
extern const struct build_view build_live;    /* redrawn in place, on a terminal */
extern const struct build_view build_rawjson; /* events for programs, to show->out and show->log */

/**
 * build_rawjson_warning() - a warning that belongs to no step, as an event
 * @to:		where to
 * @text:	a sentence
 */
void build_rawjson_warning(FILE *to, const char *text);
