/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network - the group of network commands
 */
#include <errno.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/table.h"
#include "cmd/inspect.h"
#include "net/network.h"

enum { STATUS_ABSENT = 1, ID_SHORT = 12 };

const struct command cmd_network = {
	.name = "network",
	.group = GROUP_MANAGE,
	.about = "manage networks",
};

/* ---- ls ---- */

struct network_ls_args {
	const char *format;
	bool quiet;
	bool no_heading;
	bool no_trunc;
	struct strv filters;
};

static const struct opt network_ls_opts[] = {
	OPT_LIST('f', "filter", "KEY=VALUE", struct network_ls_args, filters, COMPLETE_NONE,
		 "list only some: dangling, driver, id, label, label!, name, scope, type, until"),
	OPT_TEXT(0, "format", "FORMAT", struct network_ls_args, format, COMPLETE_NONE,
		 "print through a Go template, table TEMPLATE, or json"),
	OPT_FLAG('n', "noheading", struct network_ls_args, no_heading, "print no headings"),
	OPT_FLAG(0, "no-trunc", struct network_ls_args, no_trunc, "print whole ids"),
	OPT_FLAG('q', "quiet", struct network_ls_args, quiet, "print only names (docker: ids)"),
	OPT_END,
};

static const char *const known_filters[] = {
	"dangling", "driver", "id", "label", "label!", "name", "scope", "type", "until", NULL,
};

static const struct column columns[] = {
	{ "ID", "NETWORK ID" },
	{ "Name", "NAME" },
	{ "Driver", "DRIVER" },
	{ "Scope", "SCOPE" },
	{ "IPv6", "IPV6" },
	{ "Internal", "INTERNAL" },
	{ "Labels", "LABELS" },
	{ "CreatedAt", "CREATED AT" },
	{ "Created()", "CREATED" },
	{ "Label()", "" },
	{ NULL, NULL },
};

static const struct template_schema row_schema = { .maps = "Label()" };

static const struct table_spec tables[] = {
	{ columns, &row_schema, "{{.ID}}\\t{{.Name}}\\t{{.Driver}}" },
	{ columns, &row_schema, "{{.ID}}\\t{{.Name}}\\t{{.Driver}}\\t{{.Scope}}" },
};

static bool has_name(const void *thing, const char *value)
{
	return strstr(((const struct network *)thing)->name, value) != NULL;
}

static bool has_id(const void *thing, const char *value)
{
	return str_starts(((const struct network *)thing)->id, value) != NULL;
}

static bool has_driver(const void *thing, const char *value)
{
	return str_eq(((const struct network *)thing)->driver, value);
}

static bool is_local(unused_arg const void *thing, const char *value)
{
	return str_eq(value, "local");
}

/* Those that are there before any is created; docker's other type is custom. */
static bool is_builtin(unused_arg const void *thing, const char *value)
{
	return str_eq(value, "builtin");
}

/* They are never left over, whether containers use them or not. */
static bool is_kept(unused_arg const void *thing, const char *value)
{
	bool dangling;

	return filter_truth(value, &dangling) == 0 && !dangling;
}

/* They were there before any time. */
static bool is_older(unused_arg const void *thing, const char *value)
{
	int64_t until;

	return clock_parse(value, clock_now(), &until) == 0;
}

static bool matches(const struct strv *filters, const struct network *n)
{
	static const struct {
		const char *key;
		filter_test *test;
	} tests[] = {
		{ "name", has_name },  { "id", has_id },       { "driver", has_driver },
		{ "scope", is_local }, { "type", is_builtin }, { "dangling", is_kept },
		{ "until", is_older },
	};
	static const struct strv no_labels = { 0 };

	for (size_t i = 0; i < array_len(tests); i++)
		if (!filter_any(filters, tests[i].key, tests[i].test, n))
			return false;
	return filter_labels(filters, &no_labels);
}

static int check_filters(const struct strv *filters, struct err *err)
{
	const char *dangling = filter_value(filters, "dangling");
	const char *until = filter_value(filters, "until");
	const char *type = filter_value(filters, "type");
	int64_t time;
	bool truth;
	int r = filter_check(filters, known_filters, err);

	if (r < 0)
		return r;
	if (dangling && filter_truth(dangling, &truth) < 0)
		return err_set(err, -EINVAL, "invalid filter 'dangling=%s': say true or false",
			       dangling);
	if (until && clock_parse(until, clock_now(), &time) < 0)
		return err_set(err, -EINVAL, "invalid filter 'until=%s': it takes a time", until);
	if (type && !str_eq(type, "builtin") && !str_eq(type, "custom"))
		return err_set(err, -EINVAL, "invalid filter 'type=%s': say builtin or custom",
			       type);
	return 0;
}

static cJSON *row_of(const struct network *n, bool whole)
{
	cJSON *row = cJSON_CreateObject();
	AUTO(mem) char *id = str_ndup(n->id, whole ? strlen(n->id) : ID_SHORT);

	cJSON_AddStringToObject(row, "ID", id);
	cJSON_AddStringToObject(row, "Name", n->name);
	cJSON_AddStringToObject(row, "Driver", n->driver);
	cJSON_AddStringToObject(row, "Scope", "local");
	cJSON_AddStringToObject(row, "IPv6", "false");
	cJSON_AddStringToObject(row, "Internal", "false");
	cJSON_AddStringToObject(row, "Labels", "");
	cJSON_AddItemToObject(row, "Label()", cJSON_CreateObject());
	/* It was always there: */
	AUTO(mem) char *created = clock_rfc3339(0);
	cJSON_AddStringToObject(row, "CreatedAt", created);
	cJSON_AddStringToObject(row, "Created()", created);
	return row;
}

static int network_ls_run(struct app *app, void *data, unused_arg const struct strv *words,
			  struct err *err)
{
	const struct network_ls_args *args = data;
	bool docker = app_docker(app);
	const char *quiet = docker ? "{{.ID}}" : "{{.Name}}";
	const struct table_style style = {
		.format = args->quiet ? quiet : args->format,
		.no_heading = args->no_heading,
		.whole = args->no_trunc,
	};
	AUTO(json) cJSON *rows = cJSON_CreateArray();
	const struct network *n;
	int r = check_filters(&args->filters, err);

	if (r < 0)
		return r;
	for (size_t i = 0; (n = network_at(docker, i)); i++)
		if (matches(&args->filters, n))
			cJSON_AddItemToArray(rows, row_of(n, args->no_trunc));
	return table_print(&tables[docker], &style, rows, app->out, err);
}

const struct command cmd_network_ls = {
	.name = "network ls",
	.group = GROUP_NETWORK,
	.about = "list networks",
	.args = "",
	.opts = network_ls_opts,
	.args_size = sizeof(struct network_ls_args),
	.examples = "cubby network ls\n",
	.run = network_ls_run,
};

/* ---- inspect, exists ---- */

int inspect_load_network(struct app *app, unused_arg const struct inspect_args *args,
			 const char *name, cJSON **out, struct err *err)
{
	const struct network *n = network_find(app_docker(app), name);

	if (!n)
		return err_set(err, -ENOENT, "no network named '%s'", name);
	*out = network_document(app_docker(app), n);
	return 0;
}

static const struct opt network_inspect_opts[] = {
	OPT_TEXT('f', "format", "FORMAT", struct inspect_args, format, COMPLETE_NONE,
		 "print through a Go template, or json"),
	OPT_END,
};

static int network_inspect_run(struct app *app, void *data, const struct strv *words,
			       struct err *err)
{
	return inspect_print(app, data, "network", words, err);
}

const struct command cmd_network_inspect = {
	.name = "network inspect",
	.group = GROUP_NETWORK,
	.about = "show everything about networks",
	.args = "NETWORK...",
	.complete = COMPLETE_NETWORKS,
	.needs = NEED_STORE,
	.opts = network_inspect_opts,
	.args_size = sizeof(struct inspect_args),
	.examples = "cubby network inspect podman\n",
	.run = network_inspect_run,
};

static int network_exists_run(struct app *app, unused_arg void *args, const struct strv *words,
			      unused_arg struct err *err)
{
	return network_find(app_docker(app), words->items[0]) ? 0 : STATUS_ABSENT;
}

const struct command cmd_network_exists = {
	.name = "network exists",
	.group = GROUP_NETWORK,
	.about = "say by the exit status whether a network is there: 0 or 1",
	.args = "NETWORK",
	.complete = COMPLETE_NETWORKS,
	.run = network_exists_run,
};
