/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event_filter - the filters of events
 */
#include "cmd/event_filter.h"

#include "cli/filter.h"
#include "cmd/event_row.h"
#include "oci/reference.h"

static const char *const known[] = { "container", "event", "image",  "label", "network",
				     "scope",	  "type",  "volume", NULL };

int event_filter_check(const struct strv *filters, struct err *err)
{
	return filter_check(filters, known, err);
}

static bool is_type(const void *thing, const char *value)
{
	const struct event *event = thing;

	return str_eq(event_type_names[event->type], value);
}

static bool is_local(unused_arg const void *thing, const char *value)
{
	return str_eq(value, "local");
}

/* Whether it is the beginning of an id, or the whole name. */
static bool names_it(const struct event *event, const char *value)
{
	return *value && ((event->id && str_starts(event->id, value)) ||
			  str_eq(event->name, *value == '/' ? value + 1 : value));
}

static bool is_container(const void *thing, const char *value)
{
	const struct event *event = thing;

	return event->type == EVENT_CONTAINER && names_it(event, value);
}

static bool is_volume(const void *thing, const char *value)
{
	const struct event *event = thing;

	return event->type == EVENT_VOLUME && names_it(event, value);
}

static bool is_network(const void *thing, const char *value)
{
	const struct event *event = thing;

	return event->type == EVENT_NETWORK && names_it(event, value);
}

/* nginx, nginx:1, library/nginx, docker.io/library/nginx:1 */
static bool same_image(const char *name, const char *value)
{
	AUTO(reference) struct reference ref = { 0 };

	if (!name || !*value || reference_parse(name, &ref, NULL) < 0)
		return str_eq(name, value);
	AUTO(mem) char *whole = reference_print(&ref);
	AUTO(mem) char *plain = reference_name(&ref);
	for (int i = 0; i < 2; i++) {
		const char *text = i ? plain : whole;
		size_t n = strlen(text), m = strlen(value);
		if (n >= m && str_ends(text, value) && (n == m || text[n - m - 1] == '/'))
			return true;
	}
	return false;
}

static bool is_image(const void *thing, const char *value)
{
	const struct event *event = thing;
	const char *hex = str_starts(value, "sha256:");

	return event->type == EVENT_IMAGE &&
	       (names_it(event, str_or(hex, value)) || same_image(event->name, value));
}

static bool is_of_image(const void *thing, const char *value)
{
	const struct event *event = thing;

	return is_image(thing, value) ||
	       (event->type == EVENT_CONTAINER && same_image(event->image, value));
}

bool event_filter_met(const struct strv *filters, bool docker, const struct event *event)
{
	static const struct {
		const char *key;
		filter_test *test;
	} tests[] = {
		{ "type", is_type },	 { "scope", is_local },	    { "container", is_container },
		{ "volume", is_volume }, { "network", is_network },
	};

	for (size_t i = 0; i < array_len(tests); i++)
		if (!filter_any(filters, tests[i].key, tests[i].test, event))
			return false;
	return filter_any(filters, "image", docker ? is_of_image : is_image, event) &&
	       filter_all(filters, "label", filter_label, &event->labels);
}

struct named {
	const struct event *event;
	const char *shown;
};

static bool is_named(const void *thing, const char *value)
{
	const struct named *named = thing;

	return event_row_is(named->event, named->shown, value);
}

bool event_filter_named(const struct strv *filters, const struct event *event, const char *shown)
{
	const struct named named = { event, shown };

	return filter_any(filters, "event", is_named, &named);
}
