/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_live - how a build looks on a terminal
 *
 *	[tools 1/3] FROM debian					   1.2s
 *	[tools 2/3] COPY . /src					 cached
 *	building 14s, 2 steps done			   from here on redrawn
 *	[tools 3/3] RUN make					    12s
 *	  | cc -c main.c
 *	[stage-1 2/4] RUN apt-get install			     9s
 *
 * Steps that have ended are lines that stay. Of those at work the last lines of what they print are shown; they go when
 * the step ends, unless it fails. One write for each frame, after which the terminal is as usual with its cursor
 * below the last line: whoever kills this process finds nothing to restore.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/line.h"
#include "cli/look.h"
#include "cli/table.h"
#include "cmd/build_show.h"

enum {
	FRAME_MS = 100,	  /* between two of them at least */
	TICK_MS = 1000,	  /* at most, while something is at work: times are shown in seconds */
	WINDOW_LINES = 6, /* of what a step prints */
	LEAST_COLUMNS = 20,
	GAP = 2,
};
#define MS INT64_C(1000000)

#define CURSOR_HIDE "\x1b[?25l"
#define CURSOR_SHOW "\x1b[?25h"
#define WRAP_OFF "\x1b[?7l" /* characters may be wider than was counted */
#define WRAP_ON "\x1b[?7h"
#define CLEAR_BELOW "\r\x1b[J"
#define DIM "\x1b[2m"
#define RED "\x1b[31m"
#define USUAL "\x1b[0m"

/* ---- lines ------------------------------------------------------------------------------------ */

static char *whole_seconds(int64_t ns)
{
	const long s = (long)(ns / CLOCK_SECOND);

	return s < 60 ? str_fmt("%lds", s) : str_fmt("%ldm%02lds", s / 60, s % 60);
}

static char *tenths(int64_t ns)
{
	return ns < 60 * CLOCK_SECOND ? str_fmt("%.1fs", (double)ns / 1e9) : whole_seconds(ns);
}

static char *step_line(const struct build_show *show, size_t at, const char *right)
{
	const struct build_show_stage *s = &show->items[at];
	AUTO(mem) char *of = build_show_label(show, at);
	AUTO(mem) char *left = str_fmt("[%s%d/%d] %s", of, s->number, s->of, s->text);

	return line_join(left, right, show->live.columns - 1, GAP);
}

static void add_line(struct build_live_state *live, FILE *to, const char *text, const char *colour)
{
	AUTO(mem) char *cut = table_ellipsis(text, live->columns - 1);
	const bool coloured = live->colours && *colour;

	fprintf(to, "%s%s%s\n", coloured ? colour : "", cut, coloured ? USUAL : "");
	*vec_push(&live->lines) = line_width(cut);
}

/* ---- the frame -------------------------------------------------------------------------------- */

static size_t count_working(const struct build_show *show)
{
	size_t n = 0;

	for (size_t i = 0; i < show->stages->count; i++)
		n += show->items[i].text != NULL;
	return n;
}

/* The last that a step has printed, its line that has not ended included. */
static void draw_output(struct build_show *show, FILE *to, size_t at, size_t room)
{
	const struct build_show_stage *s = &show->items[at];
	const size_t open = s->line.count > 0, whole = room > open ? room - open : 0;
	const size_t skipped = s->last.count > whole ? s->last.count - whole : 0;

	if (!room)
		return;
	for (size_t i = skipped; i < s->last.count; i++) {
		AUTO(mem) char *text = line_clean(s->last.items[i], strlen(s->last.items[i]));
		AUTO(mem) char *line = str_fmt("  | %s", text);
		add_line(&show->live, to, line, DIM);
	}
	if (open) {
		AUTO(mem) char *text = line_clean(s->line.items, s->line.count);
		AUTO(mem) char *line = str_fmt("  | %s", text);
		add_line(&show->live, to, line, DIM);
	}
}

/* Steps come before what they print: of many there are the first ones, and how many more. */
static void draw_window(struct build_show *show, FILE *to)
{
	struct build_live_state *live = &show->live;
	const int64_t now = clock_mono();
	const size_t working = count_working(show), room = (size_t)max_of(live->rows - 2, 1);
	const size_t shown = working > room ? room - 1 : working;
	const size_t left = shown ? (room - shown) / shown : 0;
	AUTO(mem) char *took = whole_seconds(now - live->begun);
	AUTO(mem)
	char *head = str_fmt("building %s, %d step%s done", took, live->done,
			     live->done == 1 ? "" : "s");

	add_line(live, to, head, DIM);
	for (size_t i = 0, n = 0; i < show->stages->count && n < shown; i++) {
		if (!show->items[i].text)
			continue;
		AUTO(mem) char *time = whole_seconds(now - show->items[i].since);
		AUTO(mem) char *line = step_line(show, i, time);
		add_line(live, to, line, "");
		draw_output(show, to, i, min_of(left, (size_t)WINDOW_LINES));
		n++;
	}
	if (working > shown) {
		AUTO(mem) char *more = str_fmt("and %zu more", working - shown);
		add_line(live, to, more, DIM);
	}
}

/* A window that became narrower has broken the lines that were there. */
static int rows_drawn(const struct build_live_state *live)
{
	int rows = 0;

	for (size_t i = 0; i < live->lines.count; i++)
		rows += max_of((live->lines.items[i] + live->columns - 1) / live->columns, 1);
	return min_of(rows, live->rows - 1);
}

static void frame(struct build_show *show, bool last)
{
	struct build_live_state *live = &show->live;
	AUTO(mem) char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	const int up = rows_drawn(live);

	bug_unless(to);
	fputs(CURSOR_HIDE, to);
	if (up > 0)
		fprintf(to, "\x1b[%dA", up);
	fputs(CLEAR_BELOW, to);
	for (size_t i = 0; i < live->stay.count; i++)
		fprintf(to, "%s\n", live->stay.items[i]);
	strv_clear(&live->stay);
	live->lines.count = 0;
	fputs(WRAP_OFF, to);
	if (!last)
		draw_window(show, to);
	fputs(WRAP_ON CURSOR_SHOW, to);
	bug_unless(fclose(to) == 0);
	(void)fwrite(text, 1, size, show->out);
	(void)fflush(show->out);
	live->changed = false;
	live->drawn = clock_mono();
}

/* ---- what happens ----------------------------------------------------------------------------- */

static void read_size(struct build_show *show)
{
	struct build_live_state *live = &show->live;
	const int columns = max_of(look_columns(show->out), (int)LEAST_COLUMNS);
	const int rows = max_of(look_rows(show->out), 1);

	if (columns == live->columns && rows == live->rows)
		return;
	live->columns = columns;
	live->rows = rows;
	live->changed = true;
}

static int draw(struct build_show *show)
{
	struct build_live_state *live = &show->live;

	read_size(show);
	const int64_t since = (clock_mono() - live->drawn) / MS;
	const int wait = live->changed ? FRAME_MS : TICK_MS;
	if (since < wait)
		return wait - (int)since;
	frame(show, false);
	return TICK_MS;
}

static void step(struct build_show *show, unused_arg size_t at)
{
	show->live.changed = true;
}

static void line(struct build_show *show, unused_arg size_t at, unused_arg const char *bytes,
		 unused_arg size_t size)
{
	show->live.changed = true;
}

static void bytes(struct build_show *show, unused_arg size_t at, unused_arg int stream,
		  unused_arg const char *bytes, unused_arg size_t size)
{
	show->live.changed = true;
}

static void stay(struct build_live_state *live, const char *text, const char *colour)
{
	if (live->colours && *colour)
		strv_addf(&live->stay, "%s%s" USUAL, colour, text);
	else
		strv_add(&live->stay, text);
	live->changed = true;
}

static void end(struct build_show *show, size_t at, enum build_mark mark)
{
	static const char *const colours[] = {
		[BUILD_MARK_NOTHING] = "",
		[BUILD_MARK_CACHED] = DIM,
		[BUILD_MARK_DONE] = "",
		[BUILD_MARK_FAILED] = RED,
	};
	const int64_t took = clock_mono() - show->items[at].since;
	AUTO(mem) char *time = tenths(took);
	const bool instant = mark == BUILD_MARK_NOTHING && took < FRAME_MS * MS;

	read_size(show);
	AUTO(mem)
	char *text = step_line(show, at,
			       mark == BUILD_MARK_CACHED   ? "cached"
			       : mark == BUILD_MARK_FAILED ? "failed"
			       : instant		   ? ""
							   : time);
	show->live.done += mark != BUILD_MARK_FAILED;
	stay(&show->live, text, colours[mark]);
}

static void warning(struct build_show *show, unused_arg size_t at, const char *text)
{
	AUTO(mem) char *line = str_fmt("warning: %s", text);

	stay(&show->live, line, "");
}

static void close_live(struct build_show *show)
{
	if (show->live.stay.count || show->live.lines.count)
		frame(show, true);
	free(take_ptr(show->live.lines.items));
	show->live.lines.count = 0;
}

const struct build_view build_live = {
	.step = step,
	.end = end,
	.bytes = bytes,
	.line = line,
	.warning = warning,
	.draw = draw,
	.close = close_live,
};
