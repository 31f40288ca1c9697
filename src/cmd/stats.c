/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stats - what containers use of the machine, again and again
 *
 * On a terminal each table is drawn over the one before. The first one shows averages since the start of a
 * container, the next ones what happened in between.
 */
#include <errno.h>
#include <poll.h>

#include "cli/command.h"
#include "cli/json_text.h"
#include "cli/look.h"
#include "cmd/container_filter.h"
#include "cmd/stats_row.h"
#include "engine/container.h"
#include "store/record.h"

enum {
	INTERVAL = 5,
	INTERVAL_DOCKER = 1,
	MILLISECONDS = 1000,
	INTERVAL_MAX = 24 * 3600,
	INDENT = 4
};

struct stats_args {
	bool all;
	bool latest;
	bool no_stream;
	bool no_reset;
	bool no_trunc;
	int interval;
	const char *format;
};

static const struct opt stats_opts[] = {
	OPT_FLAG('a', "all", struct stats_args, all, "show those that do not run too"),
	OPT_TEXT(0, "format", "FORMAT", struct stats_args, format, COMPLETE_NONE,
		 "print through a Go template, table TEMPLATE, or json"),
	OPT_INT('i', "interval", "SECONDS", struct stats_args, interval,
		"time between two tables (default 5; docker: 1)"),
	OPT_FLAG('l', "latest", struct stats_args, latest, "show the container made last"),
	OPT_FLAG(0, "no-reset", struct stats_args, no_reset,
		 "on a terminal, print each table below the one before"),
	OPT_FLAG(0, "no-stream", struct stats_args, no_stream, "print one table and end"),
	OPT_FLAG(0, "no-trunc", struct stats_args, no_trunc, "print whole ids"),
	OPT_END,
};

struct sample {
	char *id;
	struct usage usage;
};

struct samples {
	struct sample *items;
	size_t count;
};

static void samples_clear(struct samples *samples)
{
	for (size_t i = 0; i < samples->count; i++)
		free(samples->items[i].id);
	free(samples->items);
	*samples = (struct samples){ 0 };
}

struct round {
	struct app *app;
	const struct stats_args *args;
	struct strv ids;   /* of those that were named; empty: all */
	struct strv typed; /* how */
	bool named;
	bool draw; /* over what was drawn before */
	bool drawn;
	struct samples before;
};

static inline void auto_round(struct round *r)
{
	strv_clear(&r->ids);
	strv_clear(&r->typed);
	samples_clear(&r->before);
}

/* Of those that were named, the ones that are still there. */
static int load_named(struct round *r, struct container_set *out, struct err *err)
{
	for (size_t i = 0; i < r->ids.count; i++) {
		struct container_state *state;
		int e = record_state_load(r->app->engine->store, r->ids.items[i], &state, err);
		if (e == -ENOENT) {
			err_clear(err);
			strv_remove(&r->ids, i);
			strv_remove(&r->typed, i--);
			continue;
		}
		if (e < 0)
			return e;
		*vec_push(out) = state;
	}
	return 0;
}

static void keep_running(struct container_set *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->count; i++) {
		struct container_state *state = set->items[i];
		if (state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED)
			set->items[kept++] = state;
		else
			container_state_free(state);
	}
	set->count = kept;
}

static int load(struct round *r, struct container_set *out, struct err *err)
{
	if (r->named)
		return load_named(r, out, err);
	int e = container_set_load(r->app, out, err);
	if (e >= 0 && !r->args->all)
		keep_running(out);
	return e;
}

static struct usage usage_before(const struct round *r, const char *id)
{
	for (size_t i = 0; i < r->before.count; i++)
		if (str_eq(r->before.items[i].id, id))
			return r->before.items[i].usage;
	return (struct usage){ 0 };
}

static void remember(struct round *r, const struct container_set *set, const struct usage *usages)
{
	samples_clear(&r->before);
	for (size_t i = 0; i < set->count; i++)
		*vec_push(&r->before) =
			(struct sample){ .id = str_dup(set->items[i]->id), .usage = usages[i] };
}

static int print_table(struct round *r, const struct stats_sample *samples, size_t count, FILE *to,
		       struct err *err)
{
	bool docker = app_docker(r->app);
	const struct table_style style = { .format = r->args->format,
					   .whole = r->args->no_trunc,
					   .width = look_columns(r->app->out) };
	AUTO(json) cJSON *rows = cJSON_CreateArray();
	bool objects = !docker && str_eq(r->args->format, "json");

	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(rows,
				     objects ? stats_object(&samples[i])
					     : stats_row(&samples[i], docker, r->args->no_trunc));
	if (!objects)
		return table_print(docker ? &stats_table_docker : &stats_table_podman, &style, rows,
				   to, err);
	json_text_print(rows, INDENT, to);
	return 0;
}

/* Home, each line to its end, what is left below: nothing flickers. */
static void draw(const char *text, bool again, FILE *to)
{
	fputs(again ? "\033[H" : "\033[H\033[2J", to);
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\033[K", to);
		putc(*text, to);
	}
	fputs("\033[J", to);
}

static int print(struct round *r, const struct stats_sample *samples, size_t count, struct err *err)
{
	AUTO(mem) char *text = NULL;
	size_t size;

	if (!r->draw)
		return print_table(r, samples, count, r->app->out, err);
	FILE *memory = open_memstream(&text, &size);
	bug_unless(memory);
	int e = print_table(r, samples, count, memory, err);
	bug_unless(fclose(memory) == 0);
	if (e >= 0)
		draw(text, r->drawn, r->app->out);
	r->drawn = true;
	return e;
}

static int once(struct round *r, bool show, struct err *err)
{
	AUTO(container_set) struct container_set set = { 0 };
	int e = load(r, &set, err);

	if (e < 0)
		return e;
	AUTO(mem) struct usage *usages = mem_alloc(set.count + 1, sizeof *usages);
	AUTO(mem) struct stats_sample *samples = mem_alloc(set.count + 1, sizeof *samples);
	e = usage_read(r->app->engine, set.items, set.count, usages, err);
	for (size_t i = 0; i < set.count && e >= 0; i++)
		samples[i] = (struct stats_sample){
			.state = set.items[i],
			.now = usages[i],
			.before = usage_before(r, set.items[i]->id),
			.typed = r->named ? r->typed.items[i] : NULL,
		};
	if (e >= 0 && show)
		e = print(r, samples, set.count, err);
	if (e >= 0)
		remember(r, &set, usages);
	return e;
}

static void pass(const struct round *r)
{
	int seconds = r->args->interval;

	if (!seconds)
		seconds = app_docker(r->app) ? INTERVAL_DOCKER : INTERVAL;
	(void)poll(NULL, 0,
		   seconds * MILLISECONDS); /* earlier after a signal, which does no harm */
}

/* Return: the exit status for names that are not known, or a negative errno. */
static int find_named(struct round *r, const struct strv *words, struct err *err)
{
	AUTO(container_set) struct container_set set = { 0 };
	int status = 0;

	for (size_t i = 0; i < words->count; i++) {
		AUTO(err) struct err one = { 0 };
		char *id;
		int e = container_find(r->app->engine, words->items[i], &id, &one);
		if (e < 0) {
			status = exit_status(NULL, r->app->flavour, e);
			app_error(r->app, &one);
			continue;
		}
		strv_take(&r->ids, id);
		strv_add(&r->typed, words->items[i]);
	}
	if (!r->args->latest)
		return status;
	int e = container_set_load(r->app, &set, err);
	if (e >= 0 && !set.count)
		return err_set(err, -ENOENT, "there is no container");
	if (e < 0)
		return e;
	strv_add(&r->ids, set.items[0]->id);
	strv_add(&r->typed, set.items[0]->id);
	return 0;
}

static bool can_draw(const struct app *app, const struct stats_args *args)
{
	return !args->no_reset && !args->no_stream && look_moves(app->host, app->out);
}

static int stats_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct stats_args *args = data;
	AUTO(round) struct round r = { .app = app, .args = args, .draw = can_draw(app, args) };

	if (args->interval < 0 || args->interval > INTERVAL_MAX)
		return err_set(err, -EINVAL, "--interval: %d is no number of seconds",
			       args->interval);
	if ((args->all || args->latest) && words->count)
		return err_set(err, -EINVAL, "--all and --latest take no names");
	r.named = words->count || args->latest;
	int status = find_named(&r, words, err);
	if (status < 0 || (status && !r.ids.count))
		return status;
	/* docker shows what happens in a second, podman the average since the start. */
	int e = 0;
	if (args->no_stream && app_docker(app)) {
		e = once(&r, false, err);
		if (e >= 0 && r.before.count)
			pass(&r);
	}
	if (e >= 0)
		e = once(&r, true, err);
	while (e >= 0 && !args->no_stream && !(r.named && !r.ids.count)) {
		if (fflush(app->out) != 0)
			break;
		pass(&r);
		e = once(&r, true, err);
	}
	return e < 0 ? e : status;
}

const struct command cmd_stats = {
	.name = "stats",
	.group = GROUP_CONTAINER,
	.about = "show what containers use of the machine",
	.args = "[CONTAINER...]",
	.complete = COMPLETE_RUNNING,
	.needs = NEED_STORE,
	.opts = stats_opts,
	.args_size = sizeof(struct stats_args),
	.examples = "cubby stats\ncubby stats --no-stream --format '{{.Name}} {{.MemUsage}}'\n",
	.run = stats_run,
};
