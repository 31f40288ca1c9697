/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event_row - an event under the names that docker or podman has for it
 */
#include "cmd/event_row.h"

#include <inttypes.h>

#include "base/clock.h"
#include "oci/reference.h"

enum { ID_SHORT = 12 };

const struct template_schema event_row_schema = { .maps = "Attributes Attributes()" };

/* Where a tool's name is not that of the log; "" where it has no such event. */
static const struct {
	enum event_action action;
	const char *docker, *podman;
} names[] = {
	{ EVENT_ARCHIVE_PATH, NULL, "" },   { EVENT_EXTRACT_TO_DIR, NULL, "" },
	{ EVENT_CLEANUP, "", NULL },	    { EVENT_DIED, "die", NULL },
	{ EVENT_EXEC, "exec_start", NULL }, { EVENT_EXEC_DIED, "exec_die", NULL },
	{ EVENT_INIT, "", NULL },	    { EVENT_LOAD, NULL, "loadfromarchive" },
	{ EVENT_REMOVE, "destroy", NULL },  { EVENT_STOP_SIGNAL, "kill", "" },
};

static const char *name_of(bool docker, const struct event *event)
{
	const char *name = event_action_names[event->action];

	if (docker && event->action == EVENT_REMOVE && event->type == EVENT_IMAGE)
		return "delete";
	if (docker && event->action == EVENT_REMOVE && event->type == EVENT_SECRET)
		return "remove";
	for (size_t i = 0; i < array_len(names); i++)
		if (names[i].action == event->action)
			return str_or(docker ? names[i].docker : names[i].podman, name);
	return name;
}

static const char *detail(const struct event *event, const char *key)
{
	return strv_env_get(&event->details, key);
}

void event_row_names(bool docker, const struct event *event, struct strv *out)
{
	const char *name = name_of(docker, event);
	const char *command = docker ? detail(event, "cmd") : NULL;
	const char *health = docker ? detail(event, "health_status") : NULL;

	if (!*name)
		return;
	if (command && event->action == EVENT_EXEC) {
		strv_addf(out, "exec_create: %s", command);
		strv_addf(out, "exec_start: %s", command);
	} else if (health) {
		strv_addf(out, "%s: %s", name, health);
	} else {
		strv_add(out, name);
	}
}

bool event_row_is(const struct event *event, const char *shown, const char *value)
{
	const char *rest = str_starts(shown, value);

	if (rest && (!*rest || *rest == ':'))
		return true;
	/* Of the two lines of an exec only the one that is meant. */
	if (str_starts(shown, "exec_create") && str_eq(value, "exec_start"))
		return false;
	return str_eq(value, event_action_names[event->action]) ||
	       str_eq(value, name_of(true, event)) || str_eq(value, name_of(false, event));
}

/* docker shows an image's name as it is typed: nginx:1, not docker.io/library/nginx:1. */
static char *image_name(bool docker, const char *name)
{
	AUTO(reference) struct reference ref = { 0 };

	if (!docker || !name || reference_parse(name, &ref, NULL) < 0)
		return str_dup(str_or(name, ""));
	return reference_familiar(&ref);
}

static void put(cJSON *object, const char *key, const char *text)
{
	cJSON_AddStringToObject(object, key, str_or(text, ""));
}

/* As podman lists it: when there is one; a template finds it in any case. */
static void put_if(cJSON *object, const char *key, const char *text)
{
	AUTO(mem) char *hidden = str_fmt("%s()", key);

	put(object, str_empty(text) ? hidden : key, text);
}

static void put_pairs(cJSON *map, const struct strv *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		AUTO(mem) char *key = str_dup(pairs->items[i]);
		const char *value = str_cut(key, '=');
		if (!json_get(map, key))
			put(map, key, value);
	}
}

/* podman has fields of their own for these. */
static bool own_field(const char *pair)
{
	return str_starts(pair, "exitCode=") || str_starts(pair, "health_status=");
}

static cJSON *attributes(bool docker, const struct event *event)
{
	cJSON *map = cJSON_CreateObject();
	AUTO(mem) char *image = image_name(docker, event->image);

	for (size_t i = 0; i < event->details.count; i++) {
		struct strv one = { .items = event->details.items + i, .count = 1 };
		if (docker || !own_field(one.items[0]))
			put_pairs(map, &one);
	}
	if (docker && *image)
		put(map, "image", image);
	if (docker && event->name && event->type != EVENT_VOLUME) {
		AUTO(mem) char *name = image_name(event->type == EVENT_IMAGE, event->name);
		put(map, "name", name);
	}
	put_pairs(map, &event->labels);
	return map;
}

static void put_number(cJSON *object, const char *key, int64_t number)
{
	AUTO(mem) char *digits = str_fmt("%" PRId64, number);

	cJSON_AddRawToObject(object, key, digits);
}

static void put_exit_code(cJSON *object, const struct event *event, bool listed)
{
	const char *code = detail(event, "exitCode");
	int64_t number = 0;

	if (code && str_i64(code, INT64_MIN, INT64_MAX, &number) < 0)
		code = NULL;
	put_number(object, code && listed ? "ContainerExitCode" : "ContainerExitCode()", number);
}

static const char *docker_id(const struct event *event)
{
	bool named = event->action == EVENT_PULL || event->action == EVENT_PUSH;

	return named ? event->name : event->id;
}

static cJSON *actor(bool docker, const struct event *event)
{
	cJSON *object = cJSON_CreateObject();

	put(object, "ID", docker ? docker_id(event) : event->id);
	cJSON_AddItemToObject(object, "Attributes", attributes(true, event));
	return object;
}

/* docker's are written in small letters by json and named in capitals by templates. */
static cJSON *docker_document(const struct event *event, const char *shown)
{
	cJSON *object = cJSON_CreateObject();
	AUTO(mem) char *image = image_name(true, event->image);
	bool old = event->type == EVENT_CONTAINER || event->type == EVENT_IMAGE;

	put(object, old ? "status" : "status()", shown);
	put(object, old ? "id" : "id()", docker_id(event));
	put(object, event->type == EVENT_CONTAINER ? "from" : "from()", image);
	put(object, "Type", event_type_names[event->type]);
	put(object, "Action", shown);
	cJSON_AddItemToObject(object, "Actor", actor(true, event));
	put(object, "scope", "local");
	put_number(object, "time", event->time / CLOCK_SECOND);
	put_number(object, "timeNano", event->time);
	put(object, "Name()", event->name);
	put(object, "Image()", event->image);
	put(object, "HealthStatus()", detail(event, "health_status"));
	cJSON_AddItemToObject(object, "Attributes()", attributes(false, event));
	put_exit_code(object, event, false);
	return object;
}

static cJSON *podman_document(const struct event *event, const char *shown)
{
	cJSON *object = cJSON_CreateObject();
	AUTO(json) cJSON *map = attributes(false, event);

	put_exit_code(object, event, true);
	put_if(object, "ID", event->id);
	put_if(object, "Image", event->image);
	put_if(object, "Name", event->name);
	put(object, "Status", shown);
	put_number(object, "time", event->time / CLOCK_SECOND);
	put_number(object, "timeNano", event->time);
	put(object, "Type", event_type_names[event->type]);
	put_if(object, "HealthStatus", detail(event, "health_status"));
	const char *key = map->child ? "Attributes" : "Attributes()";
	cJSON_AddItemToObject(object, key, take_ptr(map));
	put(object, "Action()", shown);
	cJSON_AddItemToObject(object, "Actor()", actor(false, event));
	return object;
}

cJSON *event_row_document(bool docker, const struct event *event, const char *shown)
{
	cJSON *object = docker ? docker_document(event, shown) : podman_document(event, shown);

	if (docker) {
		put(object, "Status()", shown);
		put(object, "ID()", docker_id(event));
	}
	put(object, "From()", json_text(object, "from"));
	put(object, "Scope()", "local");
	put_number(object, "Time()", event->time / CLOCK_SECOND);
	put_number(object, "TimeNano()", event->time);
	return object;
}

/* k=v, … of an object of texts. */
static void add_pairs(const cJSON *map, struct strv *out)
{
	const cJSON *pair;

	cJSON_ArrayForEach(pair, map)
	{
		strv_addf(out, "%s=%s", pair->string, pair->valuestring);
	}
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *docker_text(const struct event *event, const char *shown, const char *id)
{
	AUTO(json) cJSON *map = attributes(true, event);
	AUTO(mem) char *time = clock_rfc3339_local(event->time);
	AUTO(strv) struct strv pairs = { 0 };

	add_pairs(map, &pairs);
	if (pairs.count)
		qsort(pairs.items, pairs.count, sizeof *pairs.items, by_bytes);
	AUTO(mem) char *list = str_join(&pairs, ", ");
	return str_fmt("%s %s %s %s%s%s%s", time, event_type_names[event->type], shown, id,
		       pairs.count ? " (" : "", list, pairs.count ? ")" : "");
}

/* With its driver, or the container that it is about. */
static char *network_text(const struct event *event, const char *begin, const char *id,
			  const cJSON *map)
{
	AUTO(strv) struct strv pairs = { 0 };

	strv_addf(&pairs, "name=%s", event->name);
	add_pairs(map, &pairs);
	AUTO(mem) char *list = str_join(&pairs, ", ");
	return str_fmt("%s %s (%s)", begin, id, list);
}

static char *podman_text(const struct event *event, const char *shown, const char *id)
{
	AUTO(mem) char *time = clock_local_exact(event->time);
	AUTO(mem) char *begin = str_fmt("%s %s %s", time, event_type_names[event->type], shown);
	AUTO(json) cJSON *map = attributes(false, event);
	AUTO(strv) struct strv pairs = { 0 };
	const char *health = detail(event, "health_status");

	if (event->type == EVENT_IMAGE)
		return str_fmt("%s %s %s", begin, id, str_or(event->name, ""));
	if (event->type == EVENT_NETWORK && event->name)
		return network_text(event, begin, id, map);
	if (event->type != EVENT_CONTAINER)
		return str_fmt("%s %s", begin, str_or(event->name, id));
	strv_addf(&pairs, "image=%s", str_or(event->image, ""));
	strv_addf(&pairs, "name=%s", str_or(event->name, ""));
	if (health)
		strv_addf(&pairs, "health_status=%s", health);
	if (detail(event, "exitCode"))
		strv_addf(&pairs, "exitCode=%s", detail(event, "exitCode"));
	add_pairs(map, &pairs);
	AUTO(mem) char *list = str_join(&pairs, ", ");
	return str_fmt("%s%s%s (%s)", begin, *id ? " " : "", id, list);
}

char *event_row_text(bool docker, const struct event *event, const char *shown, bool whole)
{
	const char *id = str_or(docker ? docker_id(event) : event->id, "");
	bool cut = !whole && str_hex(id, CONTAINER_ID_HEX);
	AUTO(mem) char *some = str_ndup(id, cut ? (size_t)ID_SHORT : strlen(id));

	return docker ? docker_text(event, shown, some) : podman_text(event, shown, some);
}
