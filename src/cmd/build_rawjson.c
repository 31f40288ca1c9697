/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_rawjson - how a build looks to a program: BuildKit's events, an object a line
 *
 *	{"vertexes":[{"digest":…,"inputs":[…],"name":"[2/3] RUN make","started":…}]}
 *	{"logs":[{"vertex":…,"stream":1,"data":BASE64,"timestamp":…}]}
 *	{"vertexes":[{…,"completed":…,"cached":true}]}
 *	{"statuses":[{"id":"sha256:…","vertex":…,"current":…,"total":…,"timestamp":…,"started":…,"completed":…}]}
 *	{"warnings":[{"vertex":…,"level":1,"short":BASE64}]}
 *
 * A vertex is a step; its digest is that of its name and place, as its key is known only later. Its inputs are the step
 * before it and the last ones of the stages that it reads from. The streams of a step come through two pipes, so what it
 * writes to both at once may come in another order. A status is a blob that is pulled: its bytes, and as "extracting
 * DIGEST" its unpacking.
 *
 * Source: BuildKit, client/graph.go, SolveStatus.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/harmless.h"
#include "base/json.h"
#include "build/report.h"
#include "build/runmount.h"
#include "build/stepkey.h"
#include "cmd/build_show.h"
#include "engine/watch.h"
#include "oci/base64.h"

static void print(FILE *to, const char *list, cJSON *item)
{
	AUTO(json) cJSON *json = cJSON_CreateObject();

	cJSON_AddItemToArray(cJSON_AddArrayToObject(json, list), item);
	AUTO(mem) char *text = json_print(json, 0);
	if (!to)
		return;
	fprintf(to, "%s\n", text);
	fflush(to);
}

/* The item is used up. */
static void tell(const struct build_show *show, const char *list, cJSON *item)
{
	if (show->out && show->log)
		print(show->log, list, cJSON_Duplicate(item, true));
	print(show->out ? show->out : show->log, list, item);
}

static void add_now(cJSON *to, const char *key)
{
	AUTO(mem) char *now = clock_rfc3339(clock_now());

	cJSON_AddStringToObject(to, key, now);
}

static void add_bytes(cJSON *to, const char *key, const char *bytes, size_t size)
{
	AUTO(mem) char *text = base64_encode(bytes, size);

	cJSON_AddStringToObject(to, key, text);
}

/* ---- steps ------------------------------------------------------------------------------------ */

static char *name_of(const struct build_show *show, size_t at)
{
	const struct build_show_stage *s = &show->items[at];
	AUTO(mem) char *of = build_show_label(show, at);

	return str_fmt("[%s%d/%d] %s", of, s->number, s->of, s->text);
}

static char *digest_of(const struct build_show *show, size_t at)
{
	AUTO(stepkey) struct stepkey key = { 0 };
	AUTO(mem) char *name = name_of(show, at);
	AUTO(mem) char *stage = str_fmt("%zu", at);
	AUTO(mem) char *hex = NULL;

	stepkey_add(&key, "stage", stage);
	stepkey_add(&key, "name", name);
	/* Without its helper the build fails by itself, and tells why. */
	if (stepkey_hash(&key, show->helper, &hex, NULL) < 0)
		return str_dup("");
	return str_fmt("sha256:%s", hex);
}

static void add_input(const struct build_show *show, struct strv *inputs, ssize_t stage)
{
	const char *vertex = stage < 0 ? NULL : show->items[stage].vertex;

	if (vertex && strv_find(inputs, vertex) < 0)
		strv_add(inputs, vertex);
}

static void add_sources(const struct build_show *show, struct strv *inputs,
			const struct dockerfile_line *line)
{
	for (size_t i = 0; i < line->flags.count; i++) {
		const struct dockerfile_flag *flag = &line->flags.items[i];
		AUTO(mem) char *from = NULL;
		if (flag->value && str_eq(flag->name, "from"))
			from = str_dup(flag->value);
		else if (flag->value && str_eq(flag->name, "mount"))
			from = runmount_from(flag->value);
		if (from)
			add_input(show, inputs, stages_named(show->stages, from));
	}
}

/* A trigger of the base has a line of another file. */
static bool is_of(const struct build_show_stage *s, const struct dockerfile_line *line)
{
	AUTO(mem) char *text = harmless(line->text);

	return line->line == s->line_number && str_eq(text, s->text);
}

static void find_inputs(struct build_show *show, size_t at)
{
	struct build_show_stage *s = &show->items[at];
	const struct dockerfile_lines *lines = &show->stages->file->lines;

	strv_clear(&s->inputs);
	add_input(show, &s->inputs, s->number == 1 ? show->stages->items[at].parent : (ssize_t)at);
	for (size_t i = 0; i < lines->count; i++)
		if (is_of(s, &lines->items[i]))
			add_sources(show, &s->inputs, &lines->items[i]);
}

static cJSON *vertex_of(const struct build_show *show, size_t at)
{
	const struct build_show_stage *s = &show->items[at];
	AUTO(mem) char *name = name_of(show, at);
	cJSON *vertex = cJSON_CreateObject();
	cJSON *inputs = s->inputs.count ? cJSON_AddArrayToObject(vertex, "inputs") : NULL;

	cJSON_AddStringToObject(vertex, "digest", s->vertex);
	for (size_t i = 0; i < s->inputs.count; i++)
		cJSON_AddItemToArray(inputs, cJSON_CreateString(s->inputs.items[i]));
	cJSON_AddStringToObject(vertex, "name", name);
	cJSON_AddStringToObject(vertex, "started", s->started);
	return vertex;
}

static void step(struct build_show *show, size_t at)
{
	struct build_show_stage *s = &show->items[at];
	AUTO(mem) char *now = clock_rfc3339(clock_now());
	AUTO(mem) char *digest = digest_of(show, at);

	find_inputs(show, at);
	str_set(&s->vertex, digest);
	str_set(&s->started, now);
	tell(show, "vertexes", vertex_of(show, at));
}

static void end(struct build_show *show, size_t at, enum build_mark mark)
{
	cJSON *vertex = vertex_of(show, at);

	add_now(vertex, "completed");
	if (mark == BUILD_MARK_CACHED)
		cJSON_AddBoolToObject(vertex, "cached", true);
	if (mark == BUILD_MARK_FAILED)
		cJSON_AddStringToObject(vertex, "error", str_or(show->items[at].error, "failed"));
	tell(show, "vertexes", vertex);
}

static void bytes(struct build_show *show, size_t at, int stream, const char *bytes, size_t size)
{
	cJSON *log = cJSON_CreateObject();

	cJSON_AddStringToObject(log, "vertex", str_or(show->items[at].vertex, ""));
	cJSON_AddNumberToObject(log, "stream", stream);
	add_bytes(log, "data", bytes, size);
	add_now(log, "timestamp");
	tell(show, "logs", log);
}

/* ---- what is fetched -------------------------------------------------------------------------- */

static const char *begun_at(struct build_show_stage *s, const char *id)
{
	AUTO(mem) char *now = clock_rfc3339(clock_now());

	if (!strv_env_get(&s->begun, id))
		strv_addf(&s->begun, "%s=%s", id, now);
	return strv_env_get(&s->begun, id);
}

static void status(struct build_show *show, size_t at, const char *id, const struct report *report,
		   bool complete)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "id", id);
	cJSON_AddStringToObject(json, "vertex", str_or(show->items[at].vertex, ""));
	cJSON_AddNumberToObject(json, "current", (double)report->have);
	cJSON_AddNumberToObject(json, "total", (double)report->size);
	cJSON_AddStringToObject(json, "started", begun_at(&show->items[at], id));
	add_now(json, "timestamp");
	if (complete)
		add_now(json, "completed");
	tell(show, "statuses", json);
}

static void progress(struct build_show *show, size_t at, const struct report *report)
{
	const bool over = report->state == WATCH_DONE || report->state == WATCH_PRESENT;
	AUTO(mem) char *id = harmless(report->text);
	AUTO(mem) char *unpacking = str_fmt("extracting %s", id);
	const bool unpacks = report->state == WATCH_UNPACKING;
	struct report whole = *report;

	if (over || unpacks)
		whole.have = whole.size;
	if (!strv_env_get(&show->items[at].begun, unpacking))
		status(show, at, id, &whole, over || unpacks);
	if (unpacks || strv_env_get(&show->items[at].begun, unpacking))
		status(show, at, unpacking, &whole, over);
}

/* ---- warnings --------------------------------------------------------------------------------- */

static cJSON *warning_of(const char *vertex, const char *text)
{
	cJSON *json = cJSON_CreateObject();

	if (vertex)
		cJSON_AddStringToObject(json, "vertex", vertex);
	cJSON_AddNumberToObject(json, "level", 1);
	add_bytes(json, "short", text, strlen(text));
	return json;
}

static void warning(struct build_show *show, size_t at, const char *text)
{
	tell(show, "warnings", warning_of(show->items[at].vertex, text));
}

void build_rawjson_warning(FILE *to, const char *text)
{
	print(to, "warnings", warning_of(NULL, text));
}

const struct build_view build_rawjson = {
	.step = step,
	.end = end,
	.bytes = bytes,
	.warning = warning,
	.progress = progress,
};
