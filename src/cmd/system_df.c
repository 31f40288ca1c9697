/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * system_df - what takes how much of the disk
 */
#include <errno.h>
#include <inttypes.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/json_text.h"
#include "cli/template.h"
#include "cmd/image_row.h"
#include "cmd/ps_row.h"
#include "engine/disk.h"

enum { PERCENT = 100, INDENT = 4 };

struct df_args {
	bool verbose;
	const char *format;
};

static const struct opt df_opts[] = {
	OPT_TEXT(0, "format", "FORMAT", struct df_args, format, COMPLETE_NONE,
		 "print through a Go template, table TEMPLATE, or json"),
	OPT_FLAG('v', "verbose", struct df_args, verbose, "list every image, container and volume"),
	OPT_END,
};

/* ---- the summary ---- */

static const struct column columns[] = {
	{ "Type", "TYPE" },
	{ "TotalCount", "TOTAL" },
	{ "Total", "TOTAL" },
	{ "Active", "ACTIVE" },
	{ "Size", "SIZE" },
	{ "Reclaimable", "RECLAIMABLE" },
	{ "RawSize", "RAW SIZE" },
	{ "RawReclaimable", "RAW RECLAIMABLE" },
	{ NULL, NULL },
};

static const struct template_schema schema = { 0 };

static const struct table_spec df_table = {
	.columns = columns,
	.schema = &schema,
	.standard = "{{.Type}}\\t{{.Total}}\\t{{.Active}}\\t{{.Size}}\\t{{.Reclaimable}}",
};

static void take(cJSON *row, const char *key, char *text)
{
	cJSON_AddStringToObject(row, key, text);
	free(text);
}

static void take_number(cJSON *row, const char *key, int64_t number)
{
	AUTO(mem) char *digits = str_fmt("%" PRId64, number);

	cJSON_AddRawToObject(row, key, digits);
}

static char *reclaimable_text(const struct disk_count *count, const char *sep)
{
	AUTO(mem) char *bytes = str_decimal(count->reclaimable, sep);
	int64_t part = count->size ? PERCENT * count->reclaimable / count->size : 0;

	return str_fmt("%s (%" PRId64 "%%)", bytes, part);
}

/* docker's fields are texts. */
static cJSON *docker_row(const char *type, const struct disk_count *count)
{
	cJSON *row = cJSON_CreateObject();

	take(row, "Active", str_fmt("%" PRId64, count->active));
	take(row, "Reclaimable", reclaimable_text(count, ""));
	take(row, "Size", str_decimal(count->size, ""));
	take(row, "TotalCount", str_fmt("%" PRId64, count->total));
	cJSON_AddStringToObject(row, "Type", type);
	take_number(row, "Total()", count->total);
	take_number(row, "RawSize()", count->size);
	take_number(row, "RawReclaimable()", count->reclaimable);
	return row;
}

static cJSON *podman_row(const char *type, const struct disk_count *count)
{
	cJSON *row = cJSON_CreateObject();

	cJSON_AddStringToObject(row, "Type", type);
	take_number(row, "Total", count->total);
	take_number(row, "Active", count->active);
	take_number(row, "RawSize", count->size);
	take_number(row, "RawReclaimable", count->reclaimable);
	take_number(row, "TotalCount", count->total);
	take(row, "Size", str_decimal(count->size, " "));
	take(row, "Reclaimable", reclaimable_text(count, " "));
	return row;
}

static cJSON *summary(struct app *app, const struct disk *disk)
{
	cJSON *rows = cJSON_CreateArray();
	const struct {
		const char *type;
		const struct disk_count *count;
	} lines[] = {
		{ "Images", &disk->images },	     { "Containers", &disk->containers },
		{ "Local Volumes", &disk->volumes }, { "Blobs", &disk->blobs },
		{ "Build Cache", &disk->builds },
	};
	/* Podman's has no such line, and its scripts count lines. */
	size_t count = array_len(lines) - !app_docker(app);

	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(rows, app_docker(app)
						   ? docker_row(lines[i].type, lines[i].count)
						   : podman_row(lines[i].type, lines[i].count));
	return rows;
}

/* ---- everything ---- */

static const struct column image_columns[] = {
	{ "Repository", "REPOSITORY" },
	{ "Tag", "TAG" },
	{ "ID", "IMAGE ID" },
	{ "CreatedSince", "CREATED" },
	{ "Size", "SIZE" },
	{ "SharedSize", "SHARED SIZE" },
	{ "UniqueSize", "UNIQUE SIZE" },
	{ "Containers", "CONTAINERS" },
	{ NULL, NULL },
};

static const struct table_spec image_sizes = {
	.columns = image_columns,
	.schema = &schema,
	.standard = "{{.Repository}}\\t{{.Tag}}\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}\\t"
		    "{{.SharedSize}}\\t{{.UniqueSize}}\\t{{.Containers}}",
};

static const struct column container_columns[] = {
	{ "ID", "CONTAINER ID" }, { "Image", "IMAGE" },
	{ "Command", "COMMAND" }, { "LocalVolumes", "LOCAL VOLUMES" },
	{ "Size", "SIZE" },	  { "RunningFor", "CREATED" },
	{ "Status", "STATUS" },	  { "Names", "NAMES" },
	{ NULL, NULL },
};

static const struct table_spec container_sizes = {
	.columns = container_columns,
	.schema = &schema,
	.standard = "{{.ID}}\\t{{.Image}}\\t{{.Command}}\\t{{.LocalVolumes}}\\t{{.Size}}\\t"
		    "{{.RunningFor}}\\t{{.Status}}\\t{{.Names}}",
};

static const struct column volume_columns[] = {
	{ "Name", "VOLUME NAME" },
	{ "Links", "LINKS" },
	{ "Size", "SIZE" },
	{ NULL, NULL },
};

static const struct table_spec volume_sizes = {
	.columns = volume_columns,
	.schema = &schema,
	.standard = "{{.Name}}\\t{{.Links}}\\t{{.Size}}",
};

static const char *space(const struct app *app)
{
	return app_docker(app) ? "" : " ";
}

static void replace(cJSON *row, const char *key, char *text)
{
	cJSON_DeleteItemFromObjectCaseSensitive(row, key);
	take(row, key, text);
}

static cJSON *image_rows(struct app *app, const struct disk *disk, int64_t now)
{
	cJSON *rows = cJSON_CreateArray();

	for (size_t i = 0; i < disk->entries.count; i++) {
		const struct disk_image *sizes = &disk->image_sizes[i];
		cJSON *row = image_row(app, &disk->entries.items[i], false, now);
		replace(row, "Size", str_decimal(sizes->shared + sizes->unique, space(app)));
		replace(row, "SharedSize", str_decimal(sizes->shared, space(app)));
		replace(row, "UniqueSize", str_decimal(sizes->unique, space(app)));
		replace(row, "Containers", str_fmt("%" PRId64, sizes->containers));
		cJSON_AddItemToArray(rows, row);
	}
	return rows;
}

static cJSON *container_rows(struct app *app, const struct disk *disk, int64_t now)
{
	cJSON *rows = cJSON_CreateArray();

	for (size_t i = 0; i < disk->container_count; i++) {
		const struct ps_sizes none = { 0 };
		cJSON *row = ps_row(disk->states[i], 0, &none, now);
		replace(row, "Size", str_decimal(disk->container_sizes[i], space(app)));
		cJSON_AddItemToArray(rows, row);
	}
	return rows;
}

static cJSON *volume_rows(struct app *app, const struct disk *disk)
{
	cJSON *rows = cJSON_CreateArray();

	for (size_t i = 0; i < disk->volume_count; i++) {
		const struct disk_volume *v = &disk->volume_items[i];
		cJSON *row = cJSON_CreateObject();
		cJSON_AddStringToObject(row, "Name", v->volume->name);
		take_number(row, "Links", v->links);
		take(row, "Size", str_decimal(v->size, space(app)));
		cJSON_AddItemToArray(rows, row);
	}
	return rows;
}

static int print_everything(struct app *app, const cJSON *all, struct err *err)
{
	static const struct {
		const char *key, *title;
		const struct table_spec *table;
	} parts[] = {
		{ "Images", "Images space usage:\n\n", &image_sizes },
		{ "Containers", "\nContainers space usage:\n\n", &container_sizes },
		{ "Volumes", "\nLocal Volumes space usage:\n\n", &volume_sizes },
	};
	const struct table_style style = { 0 };
	int r = 0;

	for (size_t i = 0; i < array_len(parts) && r >= 0; i++) {
		fputs(parts[i].title, app->out);
		r = table_print(parts[i].table, &style, json_get(all, parts[i].key), app->out, err);
	}
	return r;
}

static int print_verbose(struct app *app, const struct df_args *args, const struct disk *disk,
			 struct err *err)
{
	static const struct template_schema rows = { .maps = "Label()" };
	AUTO(template) struct template *template = NULL;
	AUTO(json) cJSON *all = cJSON_CreateObject();
	int64_t now = clock_now();

	cJSON_AddItemToObject(all, "Images", image_rows(app, disk, now));
	cJSON_AddItemToObject(all, "Containers", container_rows(app, disk, now));
	cJSON_AddItemToObject(all, "Volumes", volume_rows(app, disk));
	if (!args->format || str_eq(args->format, "table"))
		return print_everything(app, all, err);
	int r = template_parse(args->format, TEMPLATE_ESCAPES, &template, err);
	if (r >= 0)
		r = template_print(template, all, &rows, app->out, err);
	if (r >= 0)
		putc('\n', app->out);
	return r;
}

static int df_run(struct app *app, void *data, unused_arg const struct strv *words, struct err *err)
{
	const struct df_args *args = data;
	const struct table_style style = { .format = args->format };
	AUTO(disk) struct disk disk = { 0 };
	int r = disk_measure(app->engine, &disk, err);

	if (r < 0)
		return r;
	if (args->verbose)
		return print_verbose(app, args, &disk, err);
	AUTO(json) cJSON *rows = summary(app, &disk);
	if (!str_eq(args->format, "json") || app_docker(app))
		return table_print(&df_table, &style, rows, app->out, err);
	json_text_print(rows, INDENT, app->out);
	return 0;
}

const struct command cmd_system_df = {
	.name = "system df",
	.group = GROUP_SYSTEM,
	.about = "show what takes how much of the disk",
	.text = "Layers that images share count once. Blobs are the packed form in which images were "
		"fetched; they go with their image.",
	.needs = NEED_STORE | NEED_USERNS,
	.opts = df_opts,
	.args_size = sizeof(struct df_args),
	.examples = "cubby system df\ncubby system df -v\n",
	.run = df_run,
};
