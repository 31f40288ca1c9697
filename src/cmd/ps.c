/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ps - list containers
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/json_text.h"
#include "cli/look.h"
#include "cmd/container_filter.h"
#include "cmd/ps_row.h"
#include "cmd/ps_sort.h"
#include "engine/container.h"

struct ps_args {
	bool all;
	bool latest;
	bool no_trunc;
	bool quiet;
	bool size;
	bool no_heading;
	bool pod;
	bool namespaces;
	int last;
	int watch; /* seconds; 0: once */
	enum ps_order sort;
	const char *format;
	struct strv filters;
};

static const struct opt ps_opts[] = {
	OPT_FLAG('a', "all", struct ps_args, all, "list those that do not run too"),
	OPT_LIST('f', "filter", "KEY=VALUE", struct ps_args, filters, COMPLETE_NONE,
		 "list only some: ancestor, before, command, exited, expose, id, label, label!, name, "
		 "network, publish, restart-policy, since, status, until, volume"),
	OPT_TEXT(0, "format", "FORMAT", struct ps_args, format, COMPLETE_NONE,
		 "print through a Go template, table TEMPLATE, or json"),
	OPT_INT('n', "last", "N", struct ps_args, last,
		"list the N made last, whatever their state"),
	OPT_FLAG('l', "latest", struct ps_args, latest, "list the one made last"),
	OPT_FLAG(0, "no-trunc", struct ps_args, no_trunc, "cut nothing off"),
	OPT_FLAG(0, "noheading", struct ps_args, no_heading, "print no headings"),
	OPT_FLAG('q', "quiet", struct ps_args, quiet, "print only ids"),
	OPT_FLAG('s', "size", struct ps_args, size, "print sizes, which have to be summed up"),
	OPT_HARMLESS(0, "sync", "the states are always those in effect"),
	OPT_HARMLESS(0, "external", "there are no containers of other tools in the store"),
	OPT_FLAG('p', "pod", struct ps_args, pod, "print columns for the pod, which are empty"),
	OPT_FLAG(0, "namespace", struct ps_args, namespaces,
		 "print the numbers of the namespaces of those that run"),
	OPT_ALIAS(0, "ns", "namespace"),
	OPT_ENUM(0, "sort", "FIELD", struct ps_args, sort, ps_order_names,
		 "smallest or oldest first, by command, created, id, image, names, runningfor, "
		 "size, status"),
	OPT_INT('w', "watch", "SECONDS", struct ps_args, watch,
		"print again and again, so many seconds apart"),
	OPT_END,
};

/* A filter by state asks for containers that a plain ps does not show. */
static bool shows_all(const struct ps_args *args)
{
	return args->all || args->latest || args->last > 0 ||
	       filter_value(&args->filters, "status") || filter_value(&args->filters, "exited");
}

static bool is_alive(const struct container_state *state)
{
	return state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED ||
	       state->status == CONTAINER_RESTARTING;
}

/* Keeps of the set what is to be shown, in its order. */
static void choose(const struct ps_args *args, const struct container_filter *filter,
		   struct container_set *set)
{
	size_t kept = 0;
	size_t limit = args->latest ? 1 : args->last > 0 ? (size_t)args->last : SIZE_MAX;
	bool all = shows_all(args);

	for (size_t i = 0; i < set->count; i++) {
		struct container_state *state = set->items[i];
		if (kept < limit && (all || is_alive(state)) && container_filter_met(filter, state))
			set->items[kept++] = state;
		else
			container_state_free(state);
	}
	set->count = kept;
}

static int read_sizes(struct app *app, const struct container_state *state, struct ps_sizes *out,
		      struct err *err)
{
	AUTO(json) cJSON *document = NULL;
	int r = container_inspect(app->engine, state->id, true, &document, err);

	if (r >= 0 && (json_i64(document, "SizeRw", &out->own) < 0 ||
		       json_i64(document, "SizeRootFs", &out->whole) < 0))
		*out = (struct ps_sizes){ 0 };
	return r;
}

/* A format that shows the size has it summed up, as docker's has. */
static bool wants_size(const struct ps_args *args)
{
	return args->size || args->sort == PS_SIZE_ORDER ||
	       (args->format && strstr(args->format, ".Size"));
}

static const struct table_spec *choose_table(const struct ps_args *args)
{
	if (args->namespaces)
		return &ps_table_namespaces;
	if (args->pod)
		return args->size ? &ps_table_pod_size : &ps_table_pod;
	return args->size ? &ps_table_size : &ps_table;
}

/* One row after the other: a thousand of them need not be held at once. */
static int print_table(struct app *app, const struct ps_args *args, const struct ps_entry *entries,
		       size_t count, struct err *err)
{
	const struct table_style style = { .format = args->format,
					   .no_heading = args->no_heading,
					   .whole = args->no_trunc };
	unsigned int flags =
		(args->no_trunc ? PS_NO_TRUNC : 0u) | (wants_size(args) ? PS_SIZE : 0u) |
		(args->namespaces ? PS_NAMESPACES : 0u) | (app_docker(app) ? PS_DOCKER : 0u);
	int64_t now = clock_now();
	AUTO(table) struct table *table = NULL;
	int r = table_begin(choose_table(args), &style, &table, err);

	for (size_t i = 0; i < count && r >= 0; i++) {
		AUTO(json) cJSON *row = ps_row(entries[i].state, flags, &entries[i].sizes, now);
		r = table_row(table, row, err);
	}
	if (r >= 0)
		table_end(table, app->out);
	return r;
}

/* podman's json is one list, with objects of its own; docker's is a row in a line. */
static void print_json(struct app *app, const struct ps_args *args, const struct ps_entry *entries,
		       size_t count)
{
	AUTO(json) cJSON *list = cJSON_CreateArray();
	unsigned int flags = (wants_size(args) ? PS_SIZE : 0u) |
			     (args->namespaces ? PS_NAMESPACES : 0u);
	int64_t now = clock_now();

	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(list,
				     ps_object(entries[i].state, flags, &entries[i].sizes, now));
	json_text_print(list, 2, app->out);
}

static void print_ids(struct app *app, const struct ps_args *args, const struct ps_entry *entries,
		      size_t count)
{
	int width = args->no_trunc ? CONTAINER_ID_HEX : CONTAINER_ID_SHORT;

	for (size_t i = 0; i < count; i++)
		fprintf(app->out, "%.*s\n", width, entries[i].state->id);
}

static int print_set(struct app *app, const struct ps_args *args, const struct container_set *set,
		     struct err *err)
{
	AUTO(mem) struct ps_entry *entries = mem_alloc(set->count + 1, sizeof *entries);
	int r = 0;

	for (size_t i = 0; i < set->count && r >= 0; i++) {
		entries[i].state = set->items[i];
		if (wants_size(args))
			r = read_sizes(app, set->items[i], &entries[i].sizes, err);
	}
	if (r < 0)
		return r;
	ps_sort(entries, set->count, args->sort);
	if (args->quiet)
		print_ids(app, args, entries, set->count);
	else if (str_eq(args->format, "json") && !app_docker(app))
		print_json(app, args, entries, set->count);
	else
		return print_table(app, args, entries, set->count, err);
	return 0;
}

static int list_once(struct app *app, const struct ps_args *args, struct err *err)
{
	AUTO(container_set) struct container_set set = { 0 };
	struct container_filter filter;
	int r = container_set_load(app, &set, err);

	if (r >= 0)
		r = container_filter_init(&args->filters, &set, &filter, err);
	if (r < 0)
		return r;
	choose(args, &filter, &set);
	return print_set(app, args, &set, err);
}

static int ps_run(struct app *app, void *data, unused_arg const struct strv *words, struct err *err)
{
	const struct ps_args *args = data;
	struct pollfd reader = { .fd = fileno(app->out) }; /* asked for nothing but its end */
	const char *clear = look_moves(app->host, app->out) ? "\033[2J\033[H" : "";

	if (args->watch < 0)
		return err_set(err, -EINVAL, "--watch: %d is no number of seconds", args->watch);
	for (;;) {
		if (args->watch)
			fputs(clear, app->out);
		int r = list_once(app, args, err);
		if (r < 0 || !args->watch)
			return r;
		if (fflush(app->out) != 0)
			return err_sys(err, -errno, "cannot write the list");
		if (poll(&reader, 1, (int)min_of(args->watch, INT_MAX / 1000) * 1000) > 0)
			return 0; /* nobody reads any more */
	}
}

const struct command cmd_ps = {
	.name = "ps",
	.group = GROUP_CONTAINER,
	.about = "list containers",
	.needs = NEED_STORE,
	.opts = ps_opts,
	.args_size = sizeof(struct ps_args),
	.examples = "cubby ps -a\n"
		    "cubby ps --filter status=exited --format '{{.ID}} {{.Names}}'\n",
	.run = ps_run,
};
