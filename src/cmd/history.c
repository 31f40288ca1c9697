/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * history - how an image was made
 */
#include "base/clock.h"
#include "cli/command.h"
#include "cli/json_text.h"
#include "cli/table.h"
#include "cmd/image_row.h"
#include "engine/image_platform.h"
#include "engine/images.h"
#include "store/images.h"

enum { CREATED_BY_WIDTH = 45, COMMENT_WIDTH = 45, INDENT = 4 };

struct history_args {
	const char *format;
	const char *platform;
	bool human;
	bool no_trunc;
	bool quiet;
};

static const struct opt history_opts[] = {
	OPT_TEXT(0, "format", "FORMAT", struct history_args, format, COMPLETE_NONE,
		 "print through a Go template, table, or json"),
	OPT_FLAG('H', "human", struct history_args, human, "sizes and times for people (default)"),
	OPT_FLAG(0, "no-trunc", struct history_args, no_trunc, "cut nothing off"),
	OPT_FLAG('q', "quiet", struct history_args, quiet, "ids alone"),
	OPT_TEXT(0, "platform", "OS/ARCH[/VARIANT]", struct history_args, platform, COMPLETE_NONE,
		 "of a list the image for this platform; fail for an image that is for another"),
	OPT_END,
};

static const struct column columns[] = {
	{ "ID", "IMAGE" },
	{ "CreatedSince", "CREATED" },
	{ "CreatedAt", "CREATED AT" },
	{ "Created()", "CREATED" },
	{ "CreatedBy", "CREATED BY" },
	{ "Size", "SIZE" },
	{ "Comment", "COMMENT" },
	{ NULL, NULL },
};

static const struct template_schema schema = { 0 };

static const struct table_spec table = {
	.columns = columns,
	.schema = &schema,
	.standard = "{{.ID}}\\t{{.CreatedSince}}\\t{{.CreatedBy}}\\t{{.Size}}\\t{{.Comment}}",
};

static void add_take(cJSON *row, const char *key, char *text)
{
	cJSON_AddStringToObject(row, key, text);
	free(text);
}

static char *step_id(const struct image *image, const struct image_step *step, bool no_trunc)
{
	return step->id ? image_id_text(image, no_trunc) : str_dup("<missing>");
}

static char *since(const struct image_step *step, bool human)
{
	if (!step->created)
		return str_dup("N/A");
	if (!human)
		return clock_rfc3339(step->created);
	AUTO(mem) char *span = clock_human(max_of(clock_now() - step->created, INT64_C(0)));
	return str_fmt("%s ago", span);
}

/* Tabs would be columns. */
static char *one_line(const char *text, bool no_trunc, int width)
{
	char *line = no_trunc ? str_dup(text) : table_ellipsis(text, width);

	for (char *c = line; *c; c++)
		if (*c == '\t' || *c == '\n')
			*c = ' ';
	return line;
}

static cJSON *make_row(const struct app *app, const struct history_args *args,
		       const struct image *image, const struct image_step *step)
{
	cJSON *row = cJSON_CreateObject();

	add_take(row, "ID", step_id(image, step, args->no_trunc));
	add_take(row, "CreatedSince", since(step, args->human));
	add_take(row, "Created()", since(step, args->human));
	add_take(row, "CreatedAt", step->created ? clock_rfc3339(step->created) : str_dup(""));
	add_take(row, "CreatedBy", one_line(step->created_by, args->no_trunc, CREATED_BY_WIDTH));
	if (args->human)
		add_take(row, "Size", str_decimal(step->size, app_docker(app) ? "" : " "));
	else
		add_take(row, "Size", str_fmt("%lld", (long long)step->size));
	add_take(row, "Comment", one_line(step->comment, args->no_trunc, COMMENT_WIDTH));
	return row;
}

/* Podman's list for scripts. */
static void print_documents(struct app *app, const struct image_steps *steps)
{
	AUTO(json) cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < steps->count; i++) {
		const struct image_step *step = &steps->items[i];
		cJSON *entry = cJSON_CreateObject();
		cJSON_AddItemToArray(list, entry);
		cJSON_AddStringToObject(entry, "id", str_or(step->id, "<missing>"));
		add_take(entry, "created", clock_rfc3339(step->created));
		cJSON_AddStringToObject(entry, "CreatedBy", step->created_by);
		cJSON_AddNumberToObject(entry, "size", (double)step->size);
		cJSON_AddStringToObject(entry, "comment", step->comment);
	}
	json_text_print(list, INDENT, app->out);
}

static int print(struct app *app, const struct history_args *args, const struct image *image,
		 const struct image_steps *steps, struct err *err)
{
	const struct table_style style = { .format = args->quiet ? "{{.ID}}" : args->format,
					   .whole = args->no_trunc };
	AUTO(json) cJSON *rows = cJSON_CreateArray();

	if (str_eq(args->format, "json") && !app_docker(app)) {
		print_documents(app, steps);
		return 0;
	}
	for (size_t i = 0; i < steps->count; i++)
		cJSON_AddItemToArray(rows, make_row(app, args, image, &steps->items[i]));
	return table_print(&table, &style, rows, app->out, err);
}

static int history_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct history_args *args = data;
	AUTO(image) struct image *image = NULL;
	AUTO(image_config) struct image_config *config = NULL;
	struct image_steps steps = { 0 };

	int r = image_find_for_platform(app->engine, words->items[0], args->platform, &image, err);
	if (r == 0)
		r = image_config(app->engine->store, image, &config, err);
	if (r < 0)
		return r;
	image_history(app->engine, image, config, &steps);
	r = print(app, args, image, &steps, err);
	free(steps.items);
	return r;
}

const struct command cmd_history = {
	.name = "history",
	.group = GROUP_IMAGE,
	.about = "show how an image was made",
	.args = "IMAGE",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.opts = history_opts,
	.args_size = sizeof(struct history_args),
	.defaults = &(const struct history_args){ .human = true },
	.examples = "cubby history nginx:1.22\ncubby history --no-trunc --format "
		    "'{{.CreatedBy}}' nginx:1.22\n",
	.run = history_run,
};
