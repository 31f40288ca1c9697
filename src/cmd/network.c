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
		 "list only some: name, id, driver, scope"),
	OPT_TEXT(0, "format", "FORMAT", struct network_ls_args, format, COMPLETE_NONE,
		 "print through a Go template, table TEMPLATE, or json"),
	OPT_FLAG('n', "noheading", struct network_ls_args, no_heading, "print no headings"),
	OPT_FLAG(0, "no-trunc", struct network_ls_args, no_trunc, "print whole ids"),
	OPT_FLAG('q', "quiet", struct network_ls_args, quiet, "print only names (docker: ids)"),
	OPT_END,
};

static const char *const known_filters[] = { "name", "id", "driver", "scope", NULL };

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

static bool matches(const struct strv *filters, const struct network *n)
{
	return filter_any(filters, "name", has_name, n) && filter_any(filters, "id", has_id, n) &&
	       filter_any(filters, "driver", has_driver, n) &&
	       filter_any(filters, "scope", is_local, n);
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
	int r = filter_check(&args->filters, known_filters, err);

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
