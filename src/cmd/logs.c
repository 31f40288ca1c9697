/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logs - show what a container said
 */
#include <errno.h>

#include "base/clock.h"
#include "cli/command.h"
#include "engine/container.h"
#include "engine/logs.h"

struct logs_args {
	bool follow;
	bool timestamps;
	bool names;
	const char *since;
	const char *until;
	const char *tail;
};

/* What is printed, and what of it has not reached its newline. */
struct printer {
	const struct app *app;
	const struct logs_args *args;
	const char *name; /* before each line, or NULL */
};

static const struct opt logs_opts[] = {
	OPT_FLAG('f', "follow", struct logs_args, follow, "go on until the container ends"),
	OPT_FLAG('t', "timestamps", struct logs_args, timestamps, "show when each line came"),
	OPT_FLAG(0, "names", struct logs_args, names, "show the container's name before each line"),
	OPT_TEXT('n', "tail", "LINES", struct logs_args, tail, COMPLETE_NONE,
		 "only the last lines; all is the default"),
	OPT_TEXT(0, "since", "TIME", struct logs_args, since, COMPLETE_NONE,
		 "only what is younger: 10m, 2026-03-01T12:00:00, seconds since 1970"),
	OPT_TEXT(0, "until", "TIME", struct logs_args, until, COMPLETE_NONE, "only what is older"),
	OPT_HARMLESS(0, "details", "there are no details besides the lines"),
	OPT_REFUSED('l', "latest", "name the container; cubby ps -n 1 -q shows the latest"),
	OPT_REFUSED(0, "color", "lines are shown as they came"),
	OPT_END,
};

static int parse_time(const char *option, const char *text, int64_t *out, struct err *err)
{
	if (!text || clock_parse(text, clock_now(), out) == 0)
		return 0;
	return err_set(err, -EINVAL, "--%s: '%s' is no time", option, text);
}

static int parse(const struct logs_args *args, struct logs_options *out, struct err *err)
{
	uint64_t n;

	*out = (struct logs_options){ .tail = -1, .follow = args->follow };
	if (args->tail && !str_eq(args->tail, "all") && !str_eq(args->tail, "-1")) {
		if (str_u64(args->tail, INT64_MAX, &n) < 0)
			return err_set(err, -EINVAL, "--tail: '%s' is no number of lines",
				       args->tail);
		out->tail = (int64_t)n;
	}
	int r = parse_time("since", args->since, &out->since, err);
	return r < 0 ? r : parse_time("until", args->until, &out->until, err);
}

static int print_line(void *data, const struct logread_line *line)
{
	const struct printer *p = data;
	FILE *to = line->stream == STREAM_OUT ? p->app->out : p->app->err;

	if (line->begins && p->name)
		fprintf(to, "%s ", p->name);
	if (line->begins && p->args->timestamps)
		fprintf(to, "%.*s ", (int)line->time_size, line->time);
	fwrite(line->text, 1, line->size, to);
	if (line->ends)
		putc('\n', to);
	return ferror(to) ? -EPIPE : 0;
}

static void flush(void *data)
{
	const struct printer *p = data;

	fflush(p->app->out);
	fflush(p->app->err);
}

static int show(struct app *app, const struct logs_args *args, const struct logs_options *options,
		const char *word, bool named, struct err *err)
{
	AUTO(mem) char *id = NULL;
	struct printer p = { .app = app, .args = args, .name = named ? word : NULL };

	int r = container_find(app->engine, word, &id, err);
	if (r == 0)
		r = container_logs(app->engine, id, options, print_line, flush, &p, err);
	flush(&p);
	return r;
}

static int logs_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct logs_args *args = data;
	struct logs_options options;

	int r = parse(args, &options, err);
	if (r < 0)
		return r;
	if (args->follow && words->count > 1)
		return err_set(err, -EINVAL, "--follow takes one container");
	for (size_t i = 0; r == 0 && i < words->count; i++)
		r = show(app, args, &options, words->items[i], args->names || words->count > 1,
			 err);
	return r;
}

const struct command cmd_logs = {
	.name = "logs",
	.group = GROUP_CONTAINER,
	.about = "show what a container said",
	.args = "CONTAINER...",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE,
	.opts = logs_opts,
	.args_size = sizeof(struct logs_args),
	.examples = "cubby logs -f web\ncubby logs --since 10m -t web\n",
	.run = logs_run,
};
