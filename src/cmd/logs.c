/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logs - show what containers said
 *
 * Of several containers each line begins with the id or, with --names, the name. docker's -n takes a
 * number of lines, podman's is --names: what stands behind it decides.
 */
#include <errno.h>

#include "base/clock.h"
#include "cmd/pick.h"
#include "engine/container.h"
#include "engine/logs.h"
#include "store/record.h"

struct logs_args {
	bool follow;
	bool timestamps;
	bool names;
	bool latest;
	bool details;
	bool colour;
	const char *since;
	const char *until;
	const char *tail;
};

static const struct opt logs_opts[] = {
	OPT_FLAG('f', "follow", struct logs_args, follow, "go on until the container ends"),
	OPT_FLAG('t', "timestamps", struct logs_args, timestamps, "show when each line came"),
	OPT_FLAG(0, "names", struct logs_args, names, "show the container's name before each line"),
	OPT_FLAG(0, "color", struct logs_args, colour,
		 "on a terminal: show the name or id of each container in a colour of its own"),
	OPT_FLAG(0, "details", struct logs_args, details,
		 "show the tag, labels and variables of --log-opt before each line"),
	OPT_FLAG('l', "latest", struct logs_args, latest, "of the container made last"),
	OPT_TEXT('n', "tail", "LINES", struct logs_args, tail, COMPLETE_NONE,
		 "only the last lines; all is the default; -n CONTAINER is --names CONTAINER"),
	OPT_TEXT(0, "since", "TIME", struct logs_args, since, COMPLETE_NONE,
		 "only what is younger: 10m, 2026-03-01T12:00:00, seconds since 1970"),
	OPT_TEXT(0, "until", "TIME", struct logs_args, until, COMPLETE_NONE, "only what is older"),
	OPT_END,
};

static const char *const colours[] = { "\033[36m", "\033[33m", "\033[32m",
				       "\033[35m", "\033[34m", "\033[31m" };

struct printer {
	const struct app *app;
	bool timestamps;
	struct strv prefixes; /* one for each container, before each line; empty for none */
	struct strv details;  /* likewise, behind the time */
};

static void auto_printer(struct printer *p)
{
	strv_clear(&p->prefixes);
	strv_clear(&p->details);
}

static int parse_time(const char *option, const char *text, int64_t *out, struct err *err)
{
	if (!text || clock_parse(text, clock_now(), out) == 0)
		return 0;
	return err_set(err, -EINVAL, "--%s: '%s' is no time", option, text);
}

static bool is_lines(const char *text, int64_t *out)
{
	if (str_eq(text, "all")) {
		*out = -1;
		return true;
	}
	return str_i64(text, INT64_MIN, INT64_MAX, out) == 0;
}

/* -n web: podman's --names with the first container behind it. */
static int take_name(struct app *app, struct logs_args *args, struct strv *words, struct err *err)
{
	AUTO(mem) char *id = NULL;
	AUTO(strv) struct strv all = { 0 };

	if (container_find(app->engine, args->tail, &id, NULL) < 0)
		return err_set(err, -EINVAL, "--tail: '%s' is no number of lines", args->tail);
	strv_add(&all, args->tail);
	strv_extend(&all, words);
	strv_clear(words);
	strv_extend(words, &all);
	args->names = true;
	return 0;
}

static int parse(struct app *app, struct logs_args *args, struct strv *words,
		 struct logs_options *out, struct err *err)
{
	int r = 0;

	*out = (struct logs_options){ .tail = -1, .follow = args->follow };
	if (args->tail && !is_lines(args->tail, &out->tail))
		r = take_name(app, args, words, err);
	if (r >= 0)
		r = parse_time("since", args->since, &out->since, err);
	return r < 0 ? r : parse_time("until", args->until, &out->until, err);
}

static int print_line(void *data, size_t which, const struct logread_line *line)
{
	const struct printer *p = data;
	FILE *to = line->stream == STREAM_OUT ? p->app->out : p->app->err;

	if (line->begins) {
		fputs(p->prefixes.items[which], to);
		if (p->timestamps)
			fprintf(to, "%.*s ", (int)line->time_size, line->time);
		fputs(p->details.items[which], to);
	}
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

/* What stands before each line of a container: nothing, its name, or with several its id. */
static int add_prefix(struct printer *p, const struct logs_args *args, const char *id, bool several,
		      struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	bool colour = args->colour && app_colours(p->app);

	if (!args->names && !several) {
		strv_add(&p->prefixes, "");
		return 0;
	}
	int r = record_config_load(p->app->engine->store, id, &config, err);
	if (r < 0)
		return r;
	strv_addf(&p->prefixes, "%s%.*s%s ",
		  colour ? colours[p->prefixes.count % array_len(colours)] : "",
		  args->names ? INT_MAX : CONTAINER_ID_SHORT, args->names ? config->name : id,
		  colour ? "\033[0m" : "");
	return 0;
}

static int add_details(struct printer *p, const struct logs_args *args, const char *id,
		       struct err *err)
{
	AUTO(strv) struct strv attrs = { 0 };
	int r = args->details ? container_log_details(p->app->engine, id, &attrs, err) : 0;
	AUTO(mem) char *joined = str_join(&attrs, ",");

	strv_addf(&p->details, "%s%s", joined, args->details ? " " : "");
	return r;
}

static int show(struct app *app, const struct logs_args *args, const struct logs_options *options,
		const struct strv *words, struct err *err)
{
	AUTO(strv) struct strv ids = { 0 };
	AUTO(printer) struct printer p = { .app = app, .timestamps = args->timestamps };
	const struct logs_hooks hooks = { .data = &p, .line = print_line, .idle = flush };
	int r = 0;

	for (size_t i = 0; i < words->count && r >= 0; i++) {
		char *id = NULL;
		r = container_find(app->engine, words->items[i], &id, err);
		if (r < 0)
			break;
		strv_take(&ids, id);
		r = add_prefix(&p, args, id, words->count > 1, err);
		if (r >= 0)
			r = add_details(&p, args, id, err);
	}
	if (r >= 0)
		r = container_logs(app->engine, &ids, options, &hooks, err);
	flush(&p);
	return r;
}

static int logs_run(struct app *app, void *data, const struct strv *typed, struct err *err)
{
	struct logs_args *args = data;
	AUTO(strv) struct strv given = { 0 }, words = { 0 };
	struct logs_options options;

	strv_extend(&given, typed);
	int r = parse(app, args, &given, &options, err);
	if (r >= 0)
		r = pick_words(app, args->latest, &given, 1, &words, err);
	return r < 0 ? r : show(app, args, &options, &words, err);
}

const struct command cmd_logs = {
	.name = "logs",
	.group = GROUP_CONTAINER,
	.about = "show what containers said",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE,
	.opts = logs_opts,
	.args_size = sizeof(struct logs_args),
	.examples = "cubby logs -f web\ncubby logs --since 10m -t web\n"
		    "cubby logs -f --names --color web db\n",
	.run = logs_run,
};
