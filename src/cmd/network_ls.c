/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_ls - list networks
 */
#include "base/clock.h"
#include "cli/command.h"
#include "cli/json_text.h"
#include "cli/table.h"
#include "cmd/labels.h"
#include "cmd/network_document.h"
#include "cmd/network_filter.h"
#include "engine/engine.h"

enum { ID_SHORT = 12, INDENT = 4 };

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
	{ "NetworkInterface()", "NETWORK INTERFACE" },
	{ "Subnets()", "SUBNETS" },
	{ "IPv6Enabled()", "IPV6 ENABLED" },
	{ "DNSEnabled()", "DNS ENABLED" },
	{ "Options()", "OPTIONS" },
	{ "IPAMOptions()", "IPAM OPTIONS" },
	{ "Label()", "" },
	{ NULL, NULL },
};

static const struct template_schema row_schema = { .maps = "Label() Options() IPAMOptions()" };

static const struct table_spec tables[] = {
	{ columns, &row_schema, "{{.ID}}\\t{{.Name}}\\t{{.Driver}}" },
	{ columns, &row_schema, "{{.ID}}\\t{{.Name}}\\t{{.Driver}}\\t{{.Scope}}" },
};

/* What podman's templates name besides. */
static void add_podmans(cJSON *row, const struct network_record *n)
{
	static const char *const keys[] = { "NetworkInterface()", "Subnets()", "IPv6Enabled()",
					    "DNSEnabled()",	  "Options()", "IPAMOptions()" };
	AUTO(json) cJSON *document = network_document(false, n, NULL);

	for (size_t i = 0; i < array_len(keys); i++)
		cJSON_AddItemToObject(row, keys[i],
				      cJSON_DetachItemFromObjectCaseSensitive(document, keys[i]));
}

static cJSON *row_of(const struct network_record *n, bool whole)
{
	cJSON *row = cJSON_CreateObject();
	AUTO(mem) char *id = str_ndup(n->id, whole ? strlen(n->id) : ID_SHORT);
	AUTO(mem) char *labels = str_join(&n->labels, ",");
	AUTO(mem) char *created = clock_local(n->created);

	cJSON_AddStringToObject(row, "ID", id);
	cJSON_AddStringToObject(row, "Name", n->name);
	cJSON_AddStringToObject(row, "Driver", n->driver);
	cJSON_AddStringToObject(row, "Scope", "local");
	cJSON_AddStringToObject(row, "IPv6", n->ipv6 ? "true" : "false");
	cJSON_AddStringToObject(row, "Internal", n->internal ? "true" : "false");
	cJSON_AddStringToObject(row, "Labels", labels);
	cJSON_AddItemToObject(row, "Label()", labels_map(&n->labels));
	cJSON_AddStringToObject(row, "CreatedAt", created);
	cJSON_AddStringToObject(row, "Created()", created);
	add_podmans(row, n);
	return row;
}

/* podman's list has all that inspect shows, but for the containers. */
static cJSON *documents_of(const struct networks *list, const struct network_filter *filter)
{
	cJSON *documents = cJSON_CreateArray();

	for (size_t i = 0; i < list->count; i++) {
		if (!network_filter_match(filter, list->items[i]))
			continue;
		cJSON *document = network_document(false, list->items[i], NULL);
		cJSON_DeleteItemFromObjectCaseSensitive(document, "containers");
		cJSON_AddItemToArray(documents, document);
	}
	return documents;
}

static cJSON *rows_of(const struct networks *list, const struct network_filter *filter, bool whole)
{
	cJSON *rows = cJSON_CreateArray();

	for (size_t i = 0; i < list->count; i++)
		if (network_filter_match(filter, list->items[i]))
			cJSON_AddItemToArray(rows, row_of(list->items[i], whole));
	return rows;
}

static int network_ls_run(struct app *app, void *data, unused_arg const struct strv *words,
			  struct err *err)
{
	const struct network_ls_args *args = data;
	bool docker = app_docker(app);
	const struct table_style style = {
		.format = !args->quiet ? args->format
			  : docker     ? "{{.ID}}"
				       : "{{.Name}}",
		.no_heading = args->no_heading,
		.whole = args->no_trunc,
	};
	AUTO(networks) struct networks list = { 0 };
	AUTO(network_filter) struct network_filter filter = { 0 };

	int r = network_filter_init(app, &args->filters, NULL, &filter, err);
	if (r == 0)
		r = networks_list(app->engine, &list, err);
	if (r < 0)
		return r;
	if (!docker && str_eq(style.format, "json")) {
		AUTO(json) cJSON *documents = documents_of(&list, &filter);
		json_text_print(documents, INDENT, app->out);
		return 0;
	}
	AUTO(json) cJSON *rows = rows_of(&list, &filter, args->no_trunc);
	return table_print(&tables[docker], &style, rows, app->out, err);
}

const struct command cmd_network_ls = {
	.name = "network ls",
	.group = GROUP_NETWORK,
	.about = "list networks",
	.args = "",
	.needs = NEED_STORE,
	.opts = network_ls_opts,
	.args_size = sizeof(struct network_ls_args),
	.examples = "cubby network ls\ncubby network ls --filter type=custom -q\n",
	.run = network_ls_run,
};
