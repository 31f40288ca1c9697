/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * events - show what happens to containers, images and volumes
 */
#include <errno.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/template.h"
#include "cmd/event_filter.h"
#include "cmd/event_row.h"
#include "engine/engine.h"
#include "store/event_read.h"

struct events_args {
	const char *since;
	const char *until;
	const char *format;
	struct strv filters;
	enum tri stream;
	enum tri no_trunc;
};

static const struct opt events_opts[] = {
	OPT_LIST('f', "filter", "KEY=VALUE", struct events_args, filters, COMPLETE_NONE,
		 "show only some: container, event, image, label, network, scope, type, volume"),
	OPT_TEXT(0, "format", "FORMAT", struct events_args, format, COMPLETE_NONE,
		 "print through a Go template, or json"),
	OPT_TRI(0, "no-trunc", struct events_args, no_trunc, "print whole ids (default true)"),
	OPT_TEXT(0, "since", "TIME", struct events_args, since, COMPLETE_NONE,
		 "begin with what happened since then: 10m, 2026-03-01T12:00:00, seconds since "
		 "1970"),
	OPT_TRI(0, "stream", struct events_args, stream,
		"wait for more; false ends after what is there (default true)"),
	OPT_TEXT(0, "until", "TIME", struct events_args, until, COMPLETE_NONE,
		 "end then: 10m (in ten minutes; docker: ten minutes ago), a time, or seconds since "
		 "1970"),
	OPT_END,
};

struct printer {
	struct app *app;
	const struct events_args *args;
	struct template *template; /* or NULL */
	struct err *err;
};

/* A duration is one from now on; docker looks back. */
static int parse_until(const struct app *app, const char *text, int64_t now, int64_t *out)
{
	bool number = text[strspn(text, "0123456789.")] == 0;
	int64_t span;

	if (app_docker(app) || number || clock_duration(text, &span) < 0)
		return clock_parse(text, now, out);
	*out = now + span;
	return 0;
}

static int read_times(const struct app *app, const struct events_args *args, struct event_read *out,
		      struct err *err)
{
	int64_t now = clock_now();

	*out = (struct event_read){ .until = INT64_MAX };
	if (args->since && clock_parse(args->since, now, &out->since) < 0)
		return err_set(err, -EINVAL, "--since: '%s' is no time", args->since);
	if (args->until && parse_until(app, args->until, now, &out->until) < 0)
		return err_set(err, -EINVAL, "--until: '%s' is no time", args->until);
	out->past = args->since || args->until || args->stream == TRI_NO;
	out->follow = args->stream != TRI_NO && out->until > now;
	return 0;
}

static int print_one(struct printer *p, const struct event *event, const char *shown)
{
	bool docker = app_docker(p->app);

	if (!p->template) {
		AUTO(mem)
		char *line = event_row_text(docker, event, shown, p->args->no_trunc != TRI_NO);
		fprintf(p->app->out, "%s\n", line);
		return 0;
	}
	AUTO(json) cJSON *document = event_row_document(docker, event, shown);
	int r = template_print(p->template, document, &event_row_schema, p->app->out, p->err);
	if (r >= 0)
		putc('\n', p->app->out);
	return r;
}

static int print(void *data, const struct event *event)
{
	struct printer *p = data;
	const struct strv *filters = &p->args->filters;
	AUTO(strv) struct strv names = { 0 };
	int r = 0;

	if (!event_filter_met(filters, app_docker(p->app), event))
		return 0;
	event_row_names(app_docker(p->app), event, &names);
	for (size_t i = 0; i < names.count && r >= 0; i++)
		if (event_filter_named(filters, event, names.items[i]))
			r = print_one(p, event, names.items[i]);
	if (r >= 0 && ferror(p->app->out))
		return -EPIPE;
	return r;
}

static void flush(void *data)
{
	const struct printer *p = data;

	fflush(p->app->out);
}

static int events_run(struct app *app, void *data, unused_arg const struct strv *words,
		      struct err *err)
{
	const struct events_args *args = data;
	AUTO(template) struct template *template = NULL;
	struct event_read options;

	int r = event_filter_check(&args->filters, err);
	if (r >= 0)
		r = read_times(app, args, &options, err);
	if (r >= 0 && args->format)
		r = template_parse(args->format, TEMPLATE_ESCAPES, &template, err);
	if (r < 0)
		return r;
	struct printer printer = { app, args, template, err };
	return event_read(app->engine->store, &options, print, flush, &printer, err);
}

const struct command cmd_events = {
	.name = "events",
	.group = GROUP_SYSTEM,
	.about = "show what happens to containers, images and volumes",
	.text = "Without --since and --until only what happens from now on is shown, until it is "
		"interrupted. The store keeps the last events, a few thousand.",
	.needs = NEED_STORE,
	.opts = events_opts,
	.args_size = sizeof(struct events_args),
	.examples = "cubby events --filter event=died --format '{{.Name}} {{.ContainerExitCode}}'\n"
		    "cubby events --since 1h --stream=false\n",
	.run = events_run,
};
