/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logattrs - what the records of a log say besides the text: tag, labels, variables
 */
#include "monitor/logattrs.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

/* A container that is being planned has no id yet. */
static const char *short_id(const char *id, char *room)
{
	(void)snprintf(room, CONTAINER_ID_SHORT + 1, "%s", str_or(id, ""));
	return room;
}

/* Return: what stands for a field, or NULL when there is none of that name. */
static const char *tag_field(const char *name, const struct container_config *c, char *room)
{
	if (str_eq(name, ".ID"))
		return short_id(c->id, room);
	if (str_eq(name, ".FullID"))
		return str_or(c->id, "");
	if (str_eq(name, ".Name"))
		return str_or(c->name, "");
	if (str_eq(name, ".ImageName"))
		return str_or(c->image_name, "");
	if (str_eq(name, ".ImageID"))
		return short_id(c->image_id, room);
	if (str_eq(name, ".ImageFullID"))
		return str_or(c->image_id, "");
	return str_eq(name, ".DaemonName") ? "cubby" : NULL;
}

int log_tag(const char *template, const struct container_config *config, char **out,
	    struct err *err)
{
	char room[CONTAINER_ID_SHORT + 1];
	AUTO(mem) char *text = str_dup("");

	for (const char *at = template;;) {
		const char *begin = strstr(at, "{{");
		AUTO(mem) char *plain = begin ? str_ndup(at, (size_t)(begin - at)) : str_dup(at);
		const char *end = begin ? strstr(begin, "}}") : NULL;
		AUTO(mem) char *field = end ? str_ndup(begin + 2, (size_t)(end - begin - 2)) : NULL;
		const char *value = field ? tag_field(str_trim(field), config, room) : "";
		if (begin && (!end || !value)) {
			(void)err_set(err, -EINVAL, "log option tag: '%s' cannot be filled in",
				      begin);
			return err_hint(err, "fields are {{.ID}} {{.FullID}} {{.Name}} "
					     "{{.ImageName}} {{.ImageID}} {{.ImageFullID}} "
					     "{{.DaemonName}}");
		}
		AUTO(mem) char *more = str_fmt("%s%s%s", text, plain, value);
		str_set(&text, more);
		if (!begin)
			break;
		at = end + 2;
	}
	*out = take_ptr(text);
	return 0;
}

static bool in_list(const char *list, const char *key)
{
	AUTO(strv) struct strv keys = { 0 };

	if (!list)
		return false;
	strv_split(&keys, list, ',');
	for (size_t i = 0; i < keys.count; i++)
		if (str_eq(str_trim(keys.items[i]), key))
			return true;
	return false;
}

/* The ones of some KEY=VALUE texts that are listed, or match. */
static void choose(const struct strv *from, const char *list, const char *expression,
		   struct strv *out)
{
	regex_t regex;
	/* It was checked when the options were read. */
	bool matching = expression && regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB) == 0;

	for (size_t i = 0; i < from->count; i++) {
		AUTO(mem) char *key = str_dup(from->items[i]);
		str_cut(key, '=');
		if (in_list(list, key) || (matching && regexec(&regex, key, 0, NULL, 0) == 0))
			strv_env_set(out, from->items[i]);
	}
	if (matching)
		regfree(&regex);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int log_attrs(const struct log_options *o, const struct container_config *config, struct strv *out,
	      struct err *err)
{
	AUTO(strv) struct strv found = { 0 };
	size_t size = 0;

	choose(&config->labels, o->labels, o->labels_regex, &found);
	choose(&config->env, o->env, o->env_regex, &found);
	if (!str_empty(o->tag)) {
		AUTO(mem) char *tag = NULL;
		int r = log_tag(o->tag, config, &tag, err);
		if (r < 0)
			return r;
		AUTO(mem) char *assignment = str_fmt("tag=%s", tag);
		strv_env_set(&found, assignment);
	}
	for (size_t i = 0; i < found.count; i++)
		size += 6 * strlen(found.items[i]) + 8; /* every byte may become \u00XX */
	if (size > LOG_ATTRS_MAX)
		return err_set(err, -EINVAL, "the labels and variables of the log are too long");
	if (found.count)
		qsort(found.items, found.count, sizeof *found.items, compare);
	strv_extend(out, &found);
	return 0;
}

char *log_attrs_json(const struct strv *attrs)
{
	if (!attrs->count)
		return str_dup("");
	AUTO(json) cJSON *map = cJSON_CreateObject();
	for (size_t i = 0; i < attrs->count; i++) {
		AUTO(mem) char *key = str_dup(attrs->items[i]);
		const char *value = str_cut(key, '=');
		cJSON_AddStringToObject(map, key, str_or(value, ""));
	}
	AUTO(mem) char *text = cJSON_PrintUnformatted(map);
	return str_fmt("\"attrs\":%s,", text);
}
