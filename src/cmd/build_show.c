/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_show - how a build looks on stderr
 */
#include "cmd/build_show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/harmless.h"
#include "base/mem.h"
#include "cli/look.h"
#include "kern/host.h"

enum { LINE_MAX_BYTES = 64 << 10, LAST_LINES = 20 };

/* ---- what is heard ---------------------------------------------------------------------------- */

char *build_show_label(const struct build_show *show, size_t at)
{
	const char *name = show->stages->items[at].name;
	const char *platform = str_or(show->platform, "");
	const char *space = show->platform ? " " : "";

	if (!show->several)
		return str_fmt("%s%s", platform, space);
	return name ? str_fmt("%s%s%s ", platform, space, name)
		    : str_fmt("%s%sstage-%zu ", platform, space, at);
}

static void take_line(struct build_show *show, size_t at, const char *bytes, size_t size)
{
	struct strv *last = &show->items[at].last;

	if (show->view->line)
		show->view->line(show, at, bytes, size);
	if (show->told)
		return;
	if (last->count == LAST_LINES)
		strv_remove(last, 0);
	strv_take(last, str_ndup(bytes, size));
}

static void flush_line(struct build_show *show, size_t at)
{
	struct build_show_stage *s = &show->items[at];

	if (s->line.count)
		take_line(show, at, s->line.items, s->line.count);
	s->line.count = 0;
	free(take_ptr(s->line.items));
}

static void output(void *data, size_t at, int stream, const char *bytes, size_t size)
{
	struct build_show *show = data;
	struct build_show_stage *s = &show->items[at];

	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\n' && s->line.count == 0)
			take_line(show, at, "", 0);
		else if (bytes[i] == '\n' || s->line.count >= LINE_MAX_BYTES)
			flush_line(show, at);
		if (bytes[i] != '\n')
			*vec_push(&s->line) = bytes[i];
	}
	if (show->view->bytes)
		show->view->bytes(show, at, stream, bytes, size);
}

static void end_step(struct build_show *show, size_t at, enum build_mark mark)
{
	struct build_show_stage *s = &show->items[at];

	if (!s->text)
		return;
	show->view->end(show, at, mark);
	free(take_ptr(s->text));
}

static void begin_step(struct build_show *show, size_t at, const struct report *report)
{
	struct build_show_stage *s = &show->items[at];

	end_step(show, at, BUILD_MARK_NOTHING);
	s->text = harmless(report->text);
	s->number = report->number;
	s->of = report->of;
	s->line_number = report->line;
	s->since = clock_mono();
	strv_clear(&s->last);
	show->view->step(show, at);
}

/* What many steps warn of is said once. */
static void take_warning(struct build_show *show, size_t at, const struct report *report)
{
	AUTO(mem) char *text = harmless(report->text);

	if (strv_find(&show->warned, text) >= 0)
		return;
	strv_add(&show->warned, text);
	if (show->view->warning)
		show->view->warning(show, at, text);
}

static void report(void *data, unused_arg const struct stages *stages, size_t at,
		   const struct report *report)
{
	struct build_show *show = data;

	if (report->kind != REPORT_PROGRESS)
		flush_line(show, at);
	switch (report->kind) {
	case REPORT_STEP:
		begin_step(show, at, report);
		break;
	case REPORT_CACHED:
		end_step(show, at, BUILD_MARK_CACHED);
		break;
	case REPORT_DONE:
		end_step(show, at, BUILD_MARK_DONE);
		break;
	case REPORT_WARN:
		take_warning(show, at, report);
		break;
	case REPORT_PROGRESS:
		if (show->view->progress)
			show->view->progress(show, at, report);
		break;
	case REPORT_FAILED:
		str_set(&show->items[at].error, report->text);
		end_step(show, at, BUILD_MARK_FAILED);
		break;
	case REPORT_END:
		end_step(show, at, BUILD_MARK_NOTHING);
		break;
	case REPORT_BOX:
		break;
	}
}

static int draw(void *data)
{
	struct build_show *show = data;

	return show->view->draw ? show->view->draw(show) : -1;
}

/* ---- which way it is shown -------------------------------------------------------------------- */

enum progress { PROGRESS_AUTO, PROGRESS_PLAIN, PROGRESS_QUIET, PROGRESS_TTY, PROGRESS_RAWJSON };

static const char *const progress_names[] = {
	[PROGRESS_AUTO] = "auto", [PROGRESS_PLAIN] = "plain",	  [PROGRESS_QUIET] = "quiet",
	[PROGRESS_TTY] = "tty",	  [PROGRESS_RAWJSON] = "rawjson",
};

static int read_progress(const struct app *app, const struct build_args *args, enum progress *out,
			 struct err *err)
{
	const char *env = host_env(app->host, "BUILDKIT_PROGRESS");
	const char *word = args->progress ? args->progress : str_empty(env) ? "auto" : env;
	const char *from = args->progress ? "--progress" : "BUILDKIT_PROGRESS";

	for (size_t i = 0; i < array_len(progress_names); i++)
		if (str_eq(word, progress_names[i])) {
			*out = (enum progress)i;
			return 0;
		}
	return err_set(err, -EINVAL, "%s: '%s' is none of auto, plain, tty, rawjson, quiet", from,
		       word);
}

/* Logs of automatic builds are read later, though a terminal may be there. */
static bool is_live(const struct app *app, enum progress progress)
{
	if (progress == PROGRESS_AUTO && !str_empty(host_env(app->host, "CI")))
		return false;
	return (progress == PROGRESS_AUTO || progress == PROGRESS_TTY) &&
	       look_moves(app->host, app->err) && look_columns(app->err);
}

int build_show_check(const struct app *app, const struct build_args *args, struct err *err)
{
	enum progress progress;
	const int r = read_progress(app, args, &progress, err);

	if (r == 0 && args->logsplit && !args->logfile)
		return err_set(err, -EINVAL, "--logsplit needs the --logfile whose name it takes");
	if (r < 0 || progress != PROGRESS_TTY || is_live(app, progress))
		return r;
	(void)err_set(err, -ENOTTY,
		      "--progress: 'tty' needs a terminal whose cursor can be moved on stderr");
	return err_hint(err, "plain lines are: --progress plain");
}

bool build_show_events(const struct app *app, const struct build_args *args)
{
	enum progress progress;

	return !args->quiet && read_progress(app, args, &progress, NULL) == 0 &&
	       progress == PROGRESS_RAWJSON;
}

static int open_helper(struct build_show *show, const struct app *app, struct err *err)
{
	AUTO(mem) char *program = host_helper(app->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };

	return layer_helper_open(&host, &show->helper, err);
}

static int open_log(const char *path, struct strv *logs, FILE **out, struct err *err)
{
	const bool begun = strv_find(logs, path) >= 0;

	*out = fopen(path, begun ? "ae" : "we");
	if (!*out)
		return err_sys(err, -errno, "cannot write '%s'", path);
	if (!begun)
		strv_add(logs, path);
	return 0;
}

static int choose(struct build_show *show, const struct app *app, const struct build_args *args,
		  struct err *err)
{
	enum progress progress;
	int r = build_show_check(app, args, err);

	if (r == 0)
		r = read_progress(app, args, &progress, err);
	if (r < 0)
		return r;
	if (!args->quiet && progress != PROGRESS_QUIET)
		show->out = app->err;
	if (show->log)
		show->out = NULL;
	if (show->out && is_live(app, progress))
		show->view = &build_live;
	if ((show->out || show->log) && progress == PROGRESS_RAWJSON)
		show->view = &build_rawjson;
	show->watch.events = show->view == &build_rawjson;
	show->told = show->out && show->view != &build_live;
	show->live.colours = look_colours(app->host, app->err);
	return show->view == &build_rawjson ? open_helper(show, app, err) : 0;
}

int build_show_init(struct build_show *show, const struct app *app, const struct stages *stages,
		    const char *platform, const char *log, struct strv *logs,
		    const struct build_args *args, struct err *err)
{
	*show = (struct build_show){
		.view = &build_plain,
		.err = app->err,
		.several = stages->count > 1,
		.platform = platform,
		.stages = stages,
		.items = mem_alloc(stages->count, sizeof *show->items),
		.live = { .begun = clock_mono(), .drawn = clock_mono() },
		.watch = { .report = report, .output = output, .draw = draw, .data = show },
	};
	const int r = log ? open_log(log, logs, &show->log, err) : 0;
	return r < 0 ? r : choose(show, app, args, err);
}

/* ---- the end ---------------------------------------------------------------------------------- */

static void close_view(struct build_show *show)
{
	if (show->view && show->view->close)
		show->view->close(show);
}

/* Lines of the file, with a mark before those of the instruction. */
static void show_place(const struct build_show *show, int first, int last)
{
	const char *text = show->stages->file->text;

	for (int n = 1; *text && n <= last + 1; n++) {
		const size_t size = strcspn(text, "\n");
		AUTO(mem) char *raw = str_ndup(text, size);
		AUTO(mem) char *shown = harmless(raw);
		int number;
		(void)dockerfile_where(show->stages->file, n, &number);
		if (n >= first - 1 && (n <= last || size))
			fprintf(show->err, "%4d %s %s\n", number,
				n >= first && n <= last ? ">>>" : "   ", shown);
		text += size + (text[size] == '\n');
	}
}

void build_show_failure(struct build_show *show, size_t at, int line)
{
	const struct dockerfile_lines *lines = &show->stages->file->lines;

	flush_line(show, at);
	close_view(show);
	for (size_t i = 0; !show->told && i < show->items[at].last.count; i++) {
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
	for (size_t i = 0; show->items && i < show->stages->count; i++)
		flush_line(show, i);
	close_view(show);
	for (size_t i = 0; show->items && i < show->stages->count; i++) {
		free(show->items[i].text);
		free(show->items[i].error);
		free(show->items[i].vertex);
		free(show->items[i].started);
		strv_clear(&show->items[i].inputs);
		strv_clear(&show->items[i].begun);
		strv_clear(&show->items[i].last);
	}
	free(show->items);
	strv_clear(&show->warned);
	layer_helper_close(show->helper);
	if (show->log)
		(void)fclose(
			show->log); /* what was lost is shown nowhere else, and the build stands */
	*show = (struct build_show){ 0 };
}
