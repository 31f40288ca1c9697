/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_show - how a build looks on stderr, in plain lines
 */
#include "cmd/build_show.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/harmless.h"
#include "base/mem.h"

enum { LINE_MAX_BYTES = 64 << 10, LAST_LINES = 20 };

static char *label(const struct build_show *show, size_t at)
{
	const char *name = show->stages->items[at].name;
	const char *platform = str_or(show->platform, "");
	const char *space = show->platform ? " " : "";

	if (!show->several)
		return str_fmt("%s%s", platform, space);
	return name ? str_fmt("%s%s%s ", platform, space, name)
		    : str_fmt("%s%sstage-%zu ", platform, space, at);
}

static void tell(FILE *to, const char *prefix, const char *bytes, size_t size)
{
	if (!to)
		return;
	fputs(prefix, to);
	(void)fwrite(bytes, 1, size, to);
	fputc('\n', to);
	fflush(to);
}

static void tell_line(const struct build_show *show, const char *fmt, ...) printf_like(2, 3);

static void tell_line(const struct build_show *show, const char *fmt, ...)
{
	va_list list;

	va_start(list, fmt);
	AUTO(mem) char *text = str_vfmt(fmt, list);
	va_end(list);
	tell(show->out, "", text, strlen(text));
	tell(show->log, "", text, strlen(text));
}

static void print_line(const struct build_show *show, size_t at, const char *bytes, size_t size)
{
	struct strv *last = &show->items[at].last;
	AUTO(mem) char *of = label(show, at);
	AUTO(mem)
	char *prefix = *of ? str_fmt("[%.*s] ", (int)strlen(of) - 1, of) : str_dup("");

	tell(show->out, prefix, bytes, size);
	tell(show->log, prefix, bytes, size);
	if (show->out)
		return;
	if (last->count == LAST_LINES)
		strv_remove(last, 0);
	strv_take(last, str_ndup(bytes, size));
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

	for (size_t i = 0; i < size; i++) {
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
	strv_clear(&show->items[at].last);
	tell_line(show, "[%s%d/%d] %s", of, report->number, report->of, text);
}

static void show_end(const struct build_show *show, size_t at, const struct report *report)
{
	AUTO(mem) char *of = label(show, at);
	const int64_t took = clock_mono() - show->items[at].since;

	if (report->kind == REPORT_CACHED)
		tell_line(show, "[%s%d/%d] cached", of, report->number, report->of);
	else
		tell_line(show, "[%s%d/%d] done in %.1f s", of, report->number, report->of,
			  (double)took / 1e9);
}

/* What many steps warn of is said once. */
static void show_warning(struct build_show *show, const struct report *report)
{
	AUTO(mem) char *text = harmless(report->text);

	if (strv_find(&show->warned, text) >= 0)
		return;
	strv_add(&show->warned, text);
	tell_line(show, "warning: %s", text);
}

static void report(void *data, const struct stages *stages, size_t at, const struct report *report)
{
	struct build_show *show = data;

	(void)stages;
	flush_line(show, at);
	if (report->kind == REPORT_STEP)
		show_step(show, at, report);
	else if (report->kind == REPORT_CACHED || report->kind == REPORT_DONE)
		show_end(show, at, report);
	else if (report->kind == REPORT_WARN)
		show_warning(show, report);
}

static int choose(struct build_show *show, const struct app *app, const struct build_args *args,
		  struct err *err)
{
	const char *progress = str_or(args->progress, "auto");

	show->err = app->err;
	if (str_eq(progress, "tty") || str_eq(progress, "rawjson")) {
		(void)err_set(err, -EOPNOTSUPP, "--progress: '%s' is not there", progress);
		return err_hint(err, "plain lines are: --progress plain");
	}
	if (!str_eq(progress, "auto") && !str_eq(progress, "plain") && !str_eq(progress, "quiet"))
		return err_set(err, -EINVAL, "--progress: '%s' is none of auto, plain, quiet",
			       progress);
	if (!args->quiet && !str_eq(progress, "quiet"))
		show->out = app->err;
	if (args->logfile) {
		show->log = fopen(args->logfile, "we");
		if (!show->log)
			return err_sys(err, -errno, "cannot write '%s'", args->logfile);
		show->out = NULL;
	}
	return 0;
}

int build_show_init(struct build_show *show, const struct app *app, const struct stages *stages,
		    const char *platform, const struct build_args *args, struct err *err)
{
	*show = (struct build_show){
		.several = stages->count > 1,
		.platform = platform,
		.stages = stages,
		.items = mem_alloc(stages->count, sizeof *show->items),
		.watch = { .report = report, .output = output, .data = show },
	};
	for (size_t i = 0; i < stages->count; i++)
		show->items[i] = (struct build_show_stage){ .since = clock_mono() };
	return choose(show, app, args, err);
}

/* Lines of the file, with a mark before those of the instruction. */
static void show_place(const struct build_show *show, int first, int last)
{
	const char *text = show->stages->file->text;

	for (int n = 1; *text && n <= last + 1; n++) {
		const size_t size = strcspn(text, "\n");
		AUTO(mem) char *raw = str_ndup(text, size);
		AUTO(mem) char *shown = harmless(raw);
		if (n >= first - 1 && (n <= last || size))
			fprintf(show->err, "%4d %s %s\n", n,
				n >= first && n <= last ? ">>>" : "   ", shown);
		text += size + (text[size] == '\n');
	}
}

void build_show_failure(struct build_show *show, size_t at, int line)
{
	const struct dockerfile_lines *lines = &show->stages->file->lines;

	flush_line(show, at);
	for (size_t i = 0; i < show->items[at].last.count; i++) {
		AUTO(mem) char *text = harmless(show->items[at].last.items[i]);
		fprintf(show->err, "  | %s\n", text);
	}
	for (size_t i = 0; i < lines->count; i++)
		if (lines->items[i].line == line)
			show_place(show, line, lines->items[i].end_line);
	fflush(show->err);
}

void build_show_clear(struct build_show *show)
{
	for (size_t i = 0; show->items && i < show->stages->count; i++) {
		flush_line(show, i);
		free(show->items[i].line.items);
		strv_clear(&show->items[i].last);
	}
	free(show->items);
	strv_clear(&show->warned);
	if (show->log)
		(void)fclose(
			show->log); /* what was lost is shown nowhere else, and the build stands */
	*show = (struct build_show){ 0 };
}
