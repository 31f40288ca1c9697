/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_show - how a build looks on stderr, in plain lines
 */
#include "cmd/build_show.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/harmless.h"
#include "base/mem.h"

enum { LINE_MAX_BYTES = 64 << 10 };

static char *label(const struct build_show *show, size_t at)
{
	const char *name = show->stages->items[at].name;

	if (!show->several)
		return str_dup("");
	return name ? str_fmt("%s ", name) : str_fmt("stage-%zu ", at);
}

static void print_line(const struct build_show *show, size_t at, const char *bytes, size_t size)
{
	AUTO(mem) char *of = label(show, at);

	if (show->several)
		fprintf(show->out, "[%.*s] ", (int)strlen(of) - 1, of);
	(void)fwrite(bytes, 1, size, show->out);
	fputc('\n', show->out);
	fflush(show->out);
}

static void flush_line(struct build_show *show, size_t at)
{
	struct build_show_stage *s = &show->items[at];

	if (s->line.count)
		print_line(show, at, s->line.items, s->line.count);
	s->line.count = 0;
	free(take_ptr(s->line.items));
}

static void output(void *data, size_t at, const char *bytes, size_t size)
{
	struct build_show *show = data;
	struct build_show_stage *s = &show->items[at];

	for (size_t i = 0; show->out && i < size; i++) {
		if (bytes[i] == '\n' && s->line.count == 0)
			print_line(show, at, "", 0);
		else if (bytes[i] == '\n' || s->line.count >= LINE_MAX_BYTES)
			flush_line(show, at);
		if (bytes[i] != '\n')
			*vec_push(&s->line) = bytes[i];
	}
}

static void show_step(struct build_show *show, size_t at, const struct report *report)
{
	AUTO(mem) char *of = label(show, at);
	AUTO(mem) char *text = harmless(report->text);

	show->items[at].since = clock_mono();
	fprintf(show->out, "[%s%d/%d] %s\n", of, report->number, report->of, text);
}

static void show_end(const struct build_show *show, size_t at, const struct report *report)
{
	AUTO(mem) char *of = label(show, at);
	const int64_t took = clock_mono() - show->items[at].since;

	if (report->kind == REPORT_CACHED)
		fprintf(show->out, "[%s%d/%d] cached\n", of, report->number, report->of);
	else
		fprintf(show->out, "[%s%d/%d] done in %.1f s\n", of, report->number, report->of,
			(double)took / 1e9);
}

static void show_warning(const struct build_show *show, const struct report *report)
{
	AUTO(mem) char *text = harmless(report->text);

	fprintf(show->out, "warning: %s\n", text);
}

static void report(void *data, const struct stages *stages, size_t at, const struct report *report)
{
	struct build_show *show = data;

	(void)stages;
	if (!show->out)
		return;
	flush_line(show, at);
	if (report->kind == REPORT_STEP)
		show_step(show, at, report);
	else if (report->kind == REPORT_CACHED || report->kind == REPORT_DONE)
		show_end(show, at, report);
	else if (report->kind == REPORT_WARN)
		show_warning(show, report);
	fflush(show->out);
}

void build_show_init(struct build_show *show, const struct app *app, const struct stages *stages,
		     bool quiet)
{
	*show = (struct build_show){
		.out = quiet ? NULL : app->err,
		.several = stages->count > 1,
		.stages = stages,
		.items = mem_alloc(stages->count, sizeof *show->items),
		.watch = { .report = report, .output = output, .data = show },
	};
	for (size_t i = 0; i < stages->count; i++)
		show->items[i] = (struct build_show_stage){ .since = clock_mono() };
}

void build_show_clear(struct build_show *show)
{
	for (size_t i = 0; show->items && i < show->stages->count; i++) {
		if (show->out)
			flush_line(show, i);
		free(show->items[i].line.items);
	}
	free(show->items);
	*show = (struct build_show){ 0 };
}
