/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * progress - how a pull or a push looks on stderr
 *
 * Names in it come from the user and digests are checked, so nothing of a stranger is drawn.
 */
#include "cmd/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/look.h"
#include "cmd/size_text.h"

enum { SHORT_DIGEST = 12, BAR = 24, DRAW_MS = 100, MIN_COLUMNS = 70 };
#define MS INT64_C(1000000)

static bool is_done(const struct watch_layer *layer)
{
	return layer->state == WATCH_DONE || layer->state == WATCH_PRESENT ||
	       layer->state == WATCH_MOUNTED;
}

static const char *short_digest(const char *digest)
{
	const char *hex = str_starts(digest, "sha256:");

	return hex ? hex : digest;
}

static char *loading_text(const struct progress *p, const struct watch_layer *layer, size_t at)
{
	const struct progress_layer *seen = &p->layers[at];
	double seconds = (double)(clock_mono() - seen->since) / (double)CLOCK_SECOND;
	double rate = seen->since && seconds > 0 ? (double)(layer->have - seen->from) / seconds : 0;
	int64_t whole = max_of(layer->size, layer->have);
	int filled = whole ? (int)(BAR * layer->have / whole) : BAR;
	AUTO(mem) char *have = size_text(layer->have);
	AUTO(mem) char *size = size_text(layer->size);
	AUTO(mem) char *speed = size_text((int64_t)rate);
	char bar[BAR + 1] = { 0 };

	for (int i = 0; i < BAR; i++)
		bar[i] = i < filled ? '=' : i == filled ? '>' : ' ';
	if (!layer->size) /* it is being compressed: nobody knows yet */
		return str_fmt("%s  %s/s", have, speed);
	if (rate < 1)
		return str_fmt("[%s] %s / %s", bar, have, size);
	long left = (long)((double)(layer->size - layer->have) / rate);
	return str_fmt("[%s] %s / %s  %s/s  %ld:%02ld", bar, have, size, speed, left / 60,
		       left % 60);
}

static char *layer_text(const struct progress *p, const struct watch_layer *layer, size_t at)
{
	switch (layer->state) {
	case WATCH_WAITING:
		return str_dup("waiting");
	case WATCH_ELSEWHERE:
		return str_dup("another process fetches it");
	case WATCH_LOADING:
		return loading_text(p, layer, at);
	case WATCH_UNPACKING:
		return str_dup("unpacking");
	case WATCH_PRESENT:
		return str_dup(p->push ? "already there" : "already here");
	case WATCH_DONE:
		return str_dup("done");
	case WATCH_MOUNTED:
		return str_fmt("mounted from %s", layer->from);
	}
	return str_dup("");
}

static void draw_line(struct progress *p, const char *text)
{
	(void)fprintf(p->out, "\r%.*s\x1b[K\n", p->columns - 1, text);
	p->lines++;
}

/* More layers than fit are told in one line. */
static void draw_sum(struct progress *p, const struct watch_layer *layers, size_t count)
{
	int64_t have = 0, size = 0;
	size_t done = 0;

	for (size_t i = 0; i < count; i++) {
		have += layers[i].have;
		size += layers[i].size;
		done += is_done(&layers[i]);
	}
	AUTO(mem) char *have_text = size_text(have);
	AUTO(mem) char *all_text = size_text(size);
	AUTO(mem)
	char *line = str_fmt("%zu of %zu layers done, %s / %s", done, count, have_text, all_text);
	draw_line(p, line);
}

static void draw(struct progress *p, const struct watch_layer *layers, size_t count)
{
	if (p->lines)
		(void)fprintf(p->out, "\x1b[%dA", p->lines);
	p->lines = 0;
	if ((int)count >= p->rows || p->columns < MIN_COLUMNS)
		draw_sum(p, layers, count);
	else
		for (size_t i = 0; i < count; i++) {
			AUTO(mem) char *text = layer_text(p, &layers[i], i);
			AUTO(mem)
			char *line = str_fmt("%.*s: %s", SHORT_DIGEST,
					     short_digest(layers[i].digest), text);
			draw_line(p, line);
		}
	(void)fflush(p->out);
	p->drawn = clock_mono();
}

static void tell_plainly(struct progress *p, const struct watch_layer *layer, size_t at)
{
	static const char *const words[] = {
		[WATCH_WAITING] = NULL,		  [WATCH_ELSEWHERE] = "another process fetches it",
		[WATCH_LOADING] = "fetching",	  [WATCH_UNPACKING] = NULL,
		[WATCH_PRESENT] = "already here", [WATCH_DONE] = "done",
		[WATCH_MOUNTED] = NULL,
	};
	const char *word = words[layer->state];

	if (!word || p->layers[at].told == (int)layer->state)
		return;
	p->layers[at].told = (int)layer->state;
	AUTO(mem) char *size = size_text(layer->size);
	(void)fprintf(p->out, "%.*s: %s%s%s\n", SHORT_DIGEST, short_digest(layer->digest), word,
		      layer->state == WATCH_LOADING ? " " : "",
		      layer->state == WATCH_LOADING ? size : "");
}

/* In docker's words or podman's; what is only begun shows on a terminal alone. */
static void tell_pushed(struct progress *p, const struct watch_layer *layer, size_t at)
{
	bool config = at + 1 == p->count;
	const char *digest = short_digest(layer->digest);
	const char *words = layer->state == WATCH_PRESENT ? (p->docker ? "Layer already exists"
								       : "skipped: already exists")
			    : p->docker			  ? "Pushed"
							  : "done";
	AUTO(mem)
	char *mounted = str_fmt(p->docker ? "Mounted from %s" : "mounted from %s", layer->from);

	if (!is_done(layer) || p->layers[at].told == (int)layer->state || (config && p->docker))
		return;
	p->layers[at].told = (int)layer->state;
	if (layer->state == WATCH_MOUNTED)
		words = mounted;
	if (p->docker)
		(void)fprintf(p->out, "%.*s: %s\n", SHORT_DIGEST, digest, words);
	else
		(void)fprintf(p->out, "Copying %s %.*s %s\n", config ? "config" : "blob",
			      SHORT_DIGEST, digest, words);
}

static void on_begin_push(void *data, const char *name)
{
	struct progress *p = data;
	const char *tag = strrchr(name, ':'), *path = strrchr(name, '/');

	p->complete = false;
	if (p->docker)
		(void)fprintf(p->out, "The push refers to repository [%.*s]\n",
			      tag && path && tag > path ? (int)(tag - name) : (int)strlen(name),
			      name);
	(void)fflush(p->out);
}

static void on_begin(void *data, const char *name)
{
	struct progress *p = data;

	(void)fprintf(p->out, p->docker ? "Pulling %s\n" : "Trying to pull %s...\n", name);
	(void)fflush(p->out);
}

static void on_wait(void *data, const char *name)
{
	struct progress *p = data;

	(void)fprintf(p->out, "Another process pulls %s: waiting for it...\n", name);
	(void)fflush(p->out);
}

static void make_room(struct progress *p, size_t count)
{
	if (p->count == count)
		return;
	free(p->layers);
	p->layers = mem_alloc(count, sizeof *p->layers);
	p->count = count;
	p->lines = 0;
	for (size_t i = 0; i < count; i++)
		p->layers[i].told = -1;
}

static void on_change(void *data, const struct watch_layer *layers, size_t count, size_t which)
{
	struct progress *p = data;

	make_room(p, count);
	struct progress_layer *seen = &p->layers[which];
	const struct watch_layer *layer = &layers[which];
	if (layer->state == WATCH_LOADING && !seen->since && layer->have) {
		seen->since = clock_mono();
		seen->from = layer->have;
	}
	bool last = true;
	for (size_t i = 0; i < count; i++)
		last = last && is_done(&layers[i]);
	p->complete = last;
	if (!p->terminal) {
		(p->push ? tell_pushed : tell_plainly)(p, layer, which);
		return;
	}
	if (last || clock_mono() - p->drawn >= DRAW_MS * MS)
		draw(p, layers, count);
}

static void on_end(void *data)
{
	struct progress *p = data;

	p->lines = 0;
	free(p->layers);
	p->layers = NULL;
	p->count = 0;
	if (p->push && p->complete && !p->docker)
		(void)fputs("Writing manifest to image destination\n", p->out);
}

void progress_init(struct progress *progress, const struct app *app, bool quiet)
{
	struct winsize size = { 0 };
	int fd = fileno(app->err);

	*progress = (struct progress){ .out = app->err, .docker = app_docker(app) };
	progress->terminal = look_moves(app->host, app->err) && ioctl(fd, TIOCGWINSZ, &size) == 0 &&
			     size.ws_col;
	progress->rows = size.ws_row;
	progress->columns = size.ws_col;
	if (quiet)
		return;
	progress->watch = (struct watch){ .begin = on_begin,
					  .wait = on_wait,
					  .change = on_change,
					  .end = on_end,
					  .data = progress };
}

void progress_init_push(struct progress *progress, const struct app *app, bool quiet)
{
	progress_init(progress, app, quiet);
	progress->push = true;
	if (!quiet)
		progress->watch.begin = on_begin_push;
}

void progress_clear(struct progress *progress)
{
	free(progress->layers);
	*progress = (struct progress){ 0 };
}
