/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * search - look for images in registries
 *
 * What a registry says of an image is a stranger's text: it is shown without anything that a terminal would
 * obey (base/harmless.h).
 */
#include "engine/search.h"

#include <errno.h>

#include "base/harmless.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/json_text.h"
#include "cli/table.h"
#include "cmd/creds.h"
#include "cmd/registry_opts.h"

enum {
	LIMIT = 25,
	LIMIT_MAX = 100, /* docker's */
	LIMIT_PODMAN = 1000,
	DESCRIPTION_DOCKER = 45, /* characters, the ellipsis among them */
	DESCRIPTION_PODMAN = 44, /* three dots follow */
	INDENT = 4,
};

struct search_args {
	struct registry_args registry;
	const char *format;
	struct strv filters;
	int limit;
	bool compatible;
	bool list_tags;
	bool no_trunc;
};

#define A struct search_args
static const struct opt search_opts[] = {
	OPT_INCLUDE(A, registry, registry_opts),
	OPT_FLAG(0, "compatible", A, compatible, "show stars and what is official too, as docker"),
	OPT_LIST('f', "filter", "KEY=VALUE", A, filters, COMPLETE_NONE,
		 "show only some: stars=N or more, is-official, is-automated"),
	OPT_TEXT(0, "format", "FORMAT", A, format, COMPLETE_NONE,
		 "print through a Go template, table TEMPLATE, or json"),
	OPT_INT(0, "limit", "N", A, limit, "at most so many of each registry (25)"),
	OPT_FLAG(0, "list-tags", A, list_tags, "list the tags of a repository"),
	OPT_FLAG(0, "no-trunc", A, no_trunc, "show whole descriptions"),
	OPT_END,
};
#undef A

static const char *const known_filters[] = { "stars", "is-official", "is-automated", NULL };

static const struct column columns[] = {
	{ "Index", "INDEX" },
	{ "Name", "NAME" },
	{ "Description", "DESCRIPTION" },
	{ "Stars", "STARS" },
	{ "StarCount", "STARS" },
	{ "Official", "OFFICIAL" },
	{ "IsOfficial", "OFFICIAL" },
	{ "Automated", "AUTOMATED" },
	{ "IsAutomated", "AUTOMATED" },
	{ "Tag", "TAG" },
	{ NULL, NULL },
};

static const struct template_schema row_schema = { .maps = "" };

static const char docker_table[] =
	"{{.Name}}\\t{{.Description}}\\t{{.StarCount}}\\t{{.IsOfficial}}";
static const char podman_table[] = "{{.Name}}\\t{{.Description}}";
static const char compatible_table[] =
	"{{.Name}}\\t{{.Description}}\\t{{.Stars}}\\t{{.Official}}\\t{{.Automated}}";
static const char tags_table[] = "{{.Name}}\\t{{.Tag}}";

/* ---- filters ---------------------------------------------------------------------------------- */

/* "is-official" alone says that it is. */
static void complete_filters(struct strv *filters)
{
	for (size_t i = 0; i < filters->count; i++) {
		char **filter = &filters->items[i];
		if (!str_eq(*filter, "is-official") && !str_eq(*filter, "is-automated"))
			continue;
		char *whole = str_fmt("%s=true", *filter);
		free(*filter);
		*filter = whole;
	}
}

static int check_filters(const struct strv *filters, struct err *err)
{
	static const char *const truths[] = { "is-official", "is-automated" };
	const char *stars = filter_value(filters, "stars");
	uint64_t number;
	bool truth;
	int r = filter_check(filters, known_filters, err);

	if (r == 0 && stars && str_u64(stars, INT32_MAX, &number) < 0)
		return err_set(err, -EINVAL, "--filter stars: '%s' is no number", stars);
	for (size_t i = 0; r == 0 && i < array_len(truths); i++) {
		const char *value = filter_value(filters, truths[i]);
		if (value && filter_truth(value, &truth) < 0)
			return err_set(err, -EINVAL, "--filter %s: '%s' is neither true nor false",
				       truths[i], value);
	}
	return r;
}

static bool meets_truth(const struct strv *filters, const char *key, bool has)
{
	const char *value = filter_value(filters, key);
	bool wanted = true;

	if (!value)
		return true;
	/* Checked before. */
	if (filter_truth(value, &wanted) < 0)
		return false;
	return wanted == has;
}

static bool meets(const struct strv *filters, const struct found_item *item)
{
	const char *stars = filter_value(filters, "stars");
	uint64_t least = 0;

	if (stars && str_u64(stars, INT32_MAX, &least) < 0)
		return false;
	return (uint64_t)item->stars >= least &&
	       meets_truth(filters, "is-official", item->official) &&
	       meets_truth(filters, "is-automated", item->automated);
}

/* ---- rows ------------------------------------------------------------------------------------- */

static char *shown_name(struct app *app, const char *registry, const char *name)
{
	bool hub = str_eq(registry, "docker.io");

	if (app_docker(app))
		return hub ? str_dup(name) : str_fmt("%s/%s", registry, name);
	return str_fmt("%s/%s%s", registry, hub && !strchr(name, '/') ? "library/" : "", name);
}

/* Without line ends, and without what a terminal would obey. */
static char *one_line(const char *text)
{
	AUTO(strv) struct strv words = { 0 };
	AUTO(mem) char *copy = str_dup(str_or(text, ""));
	char *rest = copy;

	for (char *word = strsep(&rest, " \t\r\n"); word; word = strsep(&rest, " \t\r\n"))
		if (*word)
			strv_add(&words, word);
	AUTO(mem) char *line = str_join(&words, " ");
	return harmless(line);
}

static char *shown_description(struct app *app, const struct search_args *args, const char *text)
{
	AUTO(mem) char *plain = one_line(text);

	if (args->no_trunc)
		return take_ptr(plain);
	if (app_docker(app))
		return table_ellipsis(plain, DESCRIPTION_DOCKER);
	AUTO(mem) char *cut = table_ellipsis(plain, DESCRIPTION_PODMAN + 1);
	if (str_eq(cut, plain))
		return take_ptr(plain);
	/* The ellipsis is one character of three bytes. */
	return str_fmt("%.*s...", (int)(strlen(cut) - strlen("…")), cut);
}

static cJSON *new_row(struct app *app, const struct search_args *args, const char *registry,
		      const struct found_item *item)
{
	AUTO(mem) char *name = shown_name(app, registry, item->name);
	AUTO(mem) char *description = shown_description(app, args, item->description);
	const char *official = item->official ? "[OK]" : "";
	const char *automated = item->automated ? "[OK]" : "";
	cJSON *row = cJSON_CreateObject();

	if (!app_docker(app))
		cJSON_AddStringToObject(row, "Index", registry);
	cJSON_AddStringToObject(row, "Name", name);
	cJSON_AddStringToObject(row, "Description", description);
	cJSON_AddNumberToObject(row, app_docker(app) ? "StarCount" : "Stars", item->stars);
	cJSON_AddStringToObject(row, app_docker(app) ? "IsOfficial" : "Official", official);
	cJSON_AddStringToObject(row, app_docker(app) ? "IsAutomated" : "Automated", automated);
	if (!app_docker(app))
		cJSON_AddStringToObject(row, "Tag", "");
	return row;
}

static int by_stars(const void *a, const void *b)
{
	const struct found_item *one = a, *other = b;

	return (one->stars < other->stars) - (one->stars > other->stars);
}

static void add_rows(struct app *app, const struct search_args *args, struct search_result *result,
		     cJSON *rows)
{
	if (app_docker(app) && result->found.list.count)
		qsort(result->found.list.items, result->found.list.count,
		      sizeof *result->found.list.items, by_stars);
	for (size_t i = 0; i < result->found.list.count; i++) {
		const struct found_item *item = &result->found.list.items[i];
		if (meets(&args->filters, item))
			cJSON_AddItemToArray(rows, new_row(app, args, result->registry, item));
	}
}

static int print_rows(struct app *app, const struct search_args *args, const char *standard,
		      const cJSON *rows, struct err *err)
{
	const struct table_spec spec = { .columns = columns,
					 .schema = &row_schema,
					 .standard = standard };
	const struct table_style style = { .format = args->format, .whole = args->no_trunc };

	if (str_eq(args->format, "json") && !app_docker(app)) {
		json_text_print(rows, INDENT, app->out);
		return 0;
	}
	/* podman prints no headings over nothing. */
	if (!args->format && !app_docker(app) && !cJSON_GetArraySize(rows))
		return 0;
	return table_print(&spec, &style, rows, app->out, err);
}

/* ---- tags ------------------------------------------------------------------------------------- */

static void add_tags(const struct search_args *args, const char *name, const struct strv *tags,
		     cJSON *rows)
{
	bool grouped = str_eq(args->format, "json");
	cJSON *list = NULL;

	if (grouped) {
		cJSON *object = cJSON_CreateObject();
		cJSON_AddStringToObject(object, "Name", name);
		list = cJSON_AddArrayToObject(object, "Tags");
		cJSON_AddItemToArray(rows, object);
	}
	for (size_t i = 0; i < tags->count; i++) {
		if (grouped) {
			cJSON_AddItemToArray(list, cJSON_CreateString(tags->items[i]));
			continue;
		}
		cJSON *row = cJSON_CreateObject();
		cJSON_AddStringToObject(row, "Name", name);
		cJSON_AddStringToObject(row, "Tag", tags->items[i]);
		cJSON_AddItemToArray(rows, row);
	}
}

static int list_tags(struct app *app, const struct search_args *args,
		     const struct search_request *request, struct err *err)
{
	AUTO(json) cJSON *rows = cJSON_CreateArray();
	AUTO(strv) struct strv tags = { 0 };
	AUTO(mem) char *name = NULL;

	if (args->filters.count)
		return err_set(err, -EINVAL, "--filter cannot be given with --list-tags");
	int r = search_tags(request, &name, &tags, err);
	if (r < 0)
		return r;
	add_tags(args, name, &tags, rows);
	return print_rows(app, args, tags_table, rows, err);
}

static int find_images(struct app *app, const struct search_args *args,
		       const struct search_request *request, struct err *err)
{
	AUTO(search_results) struct search_results results = { 0 };
	AUTO(json) cJSON *rows = cJSON_CreateArray();

	int r = search_images(request, &results, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < results.count; i++)
		add_rows(app, args, &results.items[i], rows);
	const char *standard = app_docker(app)	  ? docker_table
			       : args->compatible ? compatible_table
						  : podman_table;
	return print_rows(app, args, standard, rows, err);
}

static void warn(void *data, const char *sentence)
{
	app_warn(data, "%s", sentence);
}

static int search_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	struct search_args *args = data;
	AUTO(creds) char *creds = NULL;
	if (creds_complete(app, &args->registry.creds, &creds, err) < 0)
		return err->code;
	int most = app_docker(app) ? LIMIT_MAX : LIMIT_PODMAN;
	const struct search_request request = {
		.host = app->host,
		.docker = app_docker(app),
		.term = words->items[0],
		.limit = args->limit ? args->limit : LIMIT,
		.access = registry_access(&args->registry, NULL),
		.warn = warn,
		.warn_data = app,
	};

	if (!*request.term)
		return err_set(err, -EINVAL, "there is nothing to look for");
	if (request.limit < 1 || request.limit > most)
		return err_set(err, -EINVAL, "limit %d is outside the range of [1, %d]",
			       request.limit, most);
	complete_filters(&args->filters);
	int r = check_filters(&args->filters, err);
	if (r < 0)
		return r;
	return args->list_tags ? list_tags(app, args, &request, err)
			       : find_images(app, args, &request, err);
}

const struct command cmd_search = {
	.name = "search",
	.group = GROUP_IMAGE,
	.about = "look for images in registries",
	.text = "A term that begins with a registry asks that one, another one all search registries "
		"of registries.conf, or docker.io. Registries that have no index are asked for the "
		"list of their repositories.",
	.args = "TERM",
	.needs = NEED_HOST,
	.opts = search_opts,
	.args_size = sizeof(struct search_args),
	.examples = "cubby search --filter is-official nginx\n"
		    "cubby search --list-tags quay.io/podman/stable\n"
		    "cubby search --format '{{.Name}}' localhost:5000/\n",
	.run = search_run,
};
