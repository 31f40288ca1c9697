/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_call - what build tells of a Dockerfile instead of building it
 */
#include "cmd/build_call.h"

#include <errno.h>
#include <string.h>

#include "build/csv.h"
#include "build/outline.h"
#include "cli/json_text.h"
#include "cli/table.h"
#include "oci/base64.h"

enum { INDENT = 2 };

/* ---- what is asked for ------------------------------------------------------------------------ */

static int read_kind(const char *word, struct build_call *out, struct err *err)
{
	static const struct {
		const char *name;
		enum build_call_kind kind;
	} kinds[] = {
		{ "build", BUILD_CALL_BUILD },	   { "check", BUILD_CALL_CHECK },
		{ "lint", BUILD_CALL_CHECK },	   { "outline", BUILD_CALL_OUTLINE },
		{ "targets", BUILD_CALL_TARGETS },
	};

	for (size_t i = 0; i < array_len(kinds); i++)
		if (str_eq(word, kinds[i].name)) {
			out->kind = kinds[i].kind;
			return 0;
		}
	return err_set(err, -EINVAL, "--call: '%s' is none of build, check, outline, targets",
		       word);
}

static int read_field(const char *field, struct build_call *out, struct err *err)
{
	const char *format = str_starts(field, "format=");
	const char *ignored = str_starts(field, "ignorestatus=");

	if (str_eq(field, "ignorestatus"))
		ignored = "true";
	if (format && (str_eq(format, "json") || str_eq(format, "text"))) {
		out->json = str_eq(format, "json");
		return 0;
	}
	if (ignored && (str_eq(ignored, "true") || str_eq(ignored, "false"))) {
		out->ignore_status = str_eq(ignored, "true");
		return 0;
	}
	return err_set(err, -EINVAL,
		       "--call: '%s' is none of format=text, format=json, ignorestatus=true|false",
		       field);
}

int build_call_parse(const struct build_args *args, struct build_call *out, struct err *err)
{
	AUTO(strv) struct strv fields = { 0 };
	struct build_call call = { .kind = args->check ? BUILD_CALL_CHECK : BUILD_CALL_BUILD };
	int r = 0;

	if (args->call)
		csv_split(args->call, &fields);
	for (size_t i = 0; r == 0 && i < fields.count; i++)
		r = i == 0 && !strchr(fields.items[i], '=')
			    ? read_kind(fields.items[i], &call, err)
			    : read_field(fields.items[i], &call, err);
	if (r == 0 && args->check && call.kind != BUILD_CALL_CHECK)
		r = err_set(err, -EINVAL, "--check cannot be given with --call %s",
			    fields.items[0]);
	if (r == 0)
		*out = call;
	return r;
}

/* ---- documents -------------------------------------------------------------------------------- */

static void add_place(cJSON *range, const char *key, int line)
{
	cJSON_AddNumberToObject(cJSON_AddObjectToObject(range, key), "line", line);
}

cJSON *build_call_location(const struct dockerfile_line *line)
{
	cJSON *location = cJSON_CreateObject();
	cJSON *range = cJSON_CreateObject();

	add_place(range, "start", line->line);
	add_place(range, "end", line->end_line);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(location, "ranges"), range);
	return location;
}

/* Members that are empty are left out. */
static void add_text(cJSON *to, const char *key, const char *text)
{
	if (!str_empty(text))
		cJSON_AddStringToObject(to, key, text);
}

static void print_document(const struct app *app, const struct stages *stages, cJSON *json)
{
	const char *text = stages->file->text;
	AUTO(mem) char *source = base64_encode(text, strlen(text));

	cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "sources"), cJSON_CreateString(source));
	json_text_print(json, INDENT, app->out);
}

/* ---- targets ---------------------------------------------------------------------------------- */

static const struct dockerfile_line *from_line(const struct stages *stages, size_t at)
{
	return &stages->file->lines.items[stages->items[at].from];
}

static const char *description_of(const struct stages *stages, size_t at)
{
	const char *name = stages->items[at].name;

	return name ? dockerfile_description(from_line(stages, at), name) : NULL;
}

static void print_targets(const struct app *app, const struct stages *stages)
{
	AUTO(mem) char *text = str_dup("TARGET\tDESCRIPTION\n");

	for (size_t i = 0; i < stages->count; i++) {
		const bool last = i + 1 == stages->count;
		AUTO(mem) char *number = str_fmt("%zu", i);
		const char *name = str_or(stages->items[i].name, last ? "" : number);
		AUTO(mem)
		char *more = str_fmt("%s%s%s%s\t%s\n", text, name, last && *name ? " " : "",
				     last ? "(default)" : "",
				     str_or(description_of(stages, i), ""));
		str_set(&text, more);
	}
	table_align(text, 0, app->out);
}

static void tell_targets(const struct app *app, const struct build_call *call,
			 const struct stages *stages)
{
	AUTO(json) cJSON *json = NULL;

	if (!call->json) {
		print_targets(app, stages);
		return;
	}
	json = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(json, "targets");
	for (size_t i = 0; i < stages->count; i++) {
		const struct stage *stage = &stages->items[i];
		cJSON *target = cJSON_CreateObject();
		add_text(target, "name", stage->name);
		if (i + 1 == stages->count)
			cJSON_AddBoolToObject(target, "default", true);
		add_text(target, "description", description_of(stages, i));
		add_text(target, "base", stage->base);
		add_text(target, "platform", stage->platform);
		cJSON_AddItemToObject(target, "location",
				      build_call_location(from_line(stages, i)));
		cJSON_AddItemToArray(list, target);
	}
	print_document(app, stages, json);
}

/* ---- the outline ------------------------------------------------------------------------------ */

/* Parts of the outline that are mounts. */
static const struct {
	enum runmount_type type;
	const char *heading; /* NULL: not told in text, as there is nothing to give */
	const char *key, *name_key;
} parts[] = {
	{ RUNMOUNT_SECRET, "SECRET", "secrets", "name" },
	{ RUNMOUNT_SSH, "SSH", "ssh", "name" },
	{ RUNMOUNT_CACHE, NULL, "cache", "ID" },
};

static void print_args(const struct app *app, const struct outline *outline)
{
	AUTO(mem) char *text = str_dup("BUILD ARG\tVALUE\tDESCRIPTION\n");

	for (size_t i = 0; i < outline->args.count; i++) {
		const struct outline_arg *arg = &outline->args.items[i];
		AUTO(mem)
		char *more = str_fmt("%s%s\t%s\t%s\n", text, arg->name, str_or(arg->value, ""),
				     str_or(arg->description, ""));
		str_set(&text, more);
	}
	if (!outline->args.count)
		return;
	table_align(text, 0, app->out);
	fputc('\n', app->out);
}

static void print_mounts(const struct app *app, const struct outline *outline,
			 enum runmount_type type, const char *heading)
{
	AUTO(mem) char *text = str_fmt("%s\tREQUIRED\n", heading);
	size_t count = 0;

	for (size_t i = 0; i < outline->mounts.count; i++) {
		const struct outline_mount *mount = &outline->mounts.items[i];
		if (mount->type != type)
			continue;
		AUTO(mem)
		char *more = str_fmt("%s%s\t%s\n", text, mount->id, mount->required ? "true" : "");
		str_set(&text, more);
		count++;
	}
	if (!count)
		return;
	table_align(text, 0, app->out);
	fputc('\n', app->out);
}

static void print_outline(const struct app *app, const struct stages *stages, size_t target,
			  const struct outline *outline)
{
	const char *name = stages->items[target].name;
	const char *description = description_of(stages, target);

	if (name) {
		AUTO(mem)
		char *head = str_fmt("TARGET:\t%s\n%s%s%s", name,
				     description ? "DESCRIPTION:\t" : "", str_or(description, ""),
				     description ? "\n" : "");
		table_align(head, 0, app->out);
		fputc('\n', app->out);
	}
	print_args(app, outline);
	for (size_t i = 0; i < array_len(parts); i++)
		if (parts[i].heading)
			print_mounts(app, outline, parts[i].type, parts[i].heading);
}

static void add_args(cJSON *json, const struct outline *outline)
{
	cJSON *list = outline->args.count ? cJSON_AddArrayToObject(json, "args") : NULL;

	for (size_t i = 0; i < outline->args.count; i++) {
		const struct outline_arg *arg = &outline->args.items[i];
		cJSON *object = cJSON_CreateObject();
		cJSON_AddStringToObject(object, "name", arg->name);
		add_text(object, "description", arg->description);
		add_text(object, "value", arg->value);
		cJSON_AddItemToObject(object, "location", build_call_location(arg->line));
		cJSON_AddItemToArray(list, object);
	}
}

static void add_mounts(cJSON *json, const struct outline *outline, size_t part)
{
	cJSON *list = NULL;

	for (size_t i = 0; i < outline->mounts.count; i++) {
		const struct outline_mount *mount = &outline->mounts.items[i];
		if (mount->type != parts[part].type)
			continue;
		if (!list)
			list = cJSON_AddArrayToObject(json, parts[part].key);
		cJSON *object = cJSON_CreateObject();
		cJSON_AddStringToObject(object, parts[part].name_key, mount->id);
		if (mount->required)
			cJSON_AddBoolToObject(object, "required", true);
		cJSON_AddItemToObject(object, "location", build_call_location(mount->line));
		cJSON_AddItemToArray(list, object);
	}
}

static int tell_outline(const struct app *app, const struct build_call *call,
			const struct stages_input *input, const struct stages *stages,
			size_t target, struct err *err)
{
	AUTO(outline) struct outline outline = { 0 };
	AUTO(json) cJSON *json = NULL;
	const int r = outline_find(stages, input, target, &outline, err);

	if (r < 0)
		return r;
	if (!call->json) {
		print_outline(app, stages, target, &outline);
		return 0;
	}
	json = cJSON_CreateObject();
	add_text(json, "name", stages->items[target].name);
	add_text(json, "description", description_of(stages, target));
	add_args(json, &outline);
	for (size_t i = 0; i < array_len(parts); i++)
		add_mounts(json, &outline, i);
	print_document(app, stages, json);
	return 0;
}

int build_call_tell(const struct app *app, const struct build_call *call,
		    const struct stages_input *input, const struct stages *stages, size_t target,
		    struct err *err)
{
	if (call->kind == BUILD_CALL_OUTLINE)
		return tell_outline(app, call, input, stages, target, err);
	tell_targets(app, call, stages);
	return 0;
}
