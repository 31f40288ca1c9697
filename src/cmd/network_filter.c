/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_filter - the filters of network ls and of what prunes networks
 */
#include "cmd/network_filter.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "cli/filter.h"
#include "engine/engine.h"

static const char *const listing[] = {
	"dangling", "driver", "id", "label", "label!", "name", "scope", "type", "until", NULL,
};

/* As docker compares, and as podman does. */
static bool has_name(const void *thing, const char *value)
{
	return strstr(((const struct network_record *)thing)->name, value) != NULL;
}

static bool fits_name(const void *thing, const char *value)
{
	return filter_pattern(((const struct network_record *)thing)->name, value);
}

static bool has_id(const void *thing, const char *value)
{
	return str_starts(((const struct network_record *)thing)->id, value) != NULL;
}

static bool has_driver(const void *thing, const char *value)
{
	return str_eq(((const struct network_record *)thing)->driver, value);
}

static bool is_local(unused_arg const void *thing, const char *value)
{
	return str_eq(value, "local");
}

/* Those that are there anyway were there before any time. */
static bool is_older(const void *thing, const char *value)
{
	int64_t until;

	return clock_parse(value, clock_now(), &until) == 0 &&
	       ((const struct network_record *)thing)->created < until;
}

static int check_values(const struct strv *filters, struct err *err)
{
	const char *dangling = filter_value(filters, "dangling");
	const char *until = filter_value(filters, "until");
	const char *type = filter_value(filters, "type");
	int64_t time;
	bool truth;

	if (dangling && filter_truth(dangling, &truth) < 0)
		return err_set(err, -EINVAL, "invalid filter 'dangling=%s': say true or false",
			       dangling);
	if (until && clock_parse(until, clock_now(), &time) < 0)
		return err_set(err, -EINVAL, "invalid filter 'until=%s': it takes a time", until);
	if (type && !str_eq(type, "builtin") && !str_eq(type, "custom"))
		return err_set(err, -EINVAL, "invalid filter 'type=%s': say builtin or custom",
			       type);
	return 0;
}

int network_filter_init(const struct app *app, const struct strv *filters, const char *const *known,
			struct network_filter *out, struct err *err)
{
	AUTO(network_filter) struct network_filter filter = { .app = app, .filters = filters };
	int r = filter_check(filters, known ? known : listing, err);

	if (r == 0)
		r = check_values(filters, err);
	/* Who lists without asking for it needs not know it. */
	if (r == 0 && (known || filter_value(filters, "dangling")))
		r = networks_used(app->engine, &filter.used, err);
	if (r < 0)
		return r;
	*out = filter;
	filter = (struct network_filter){ 0 };
	return 0;
}

bool network_filter_unused(const struct network_filter *filter, const struct network_record *record)
{
	if (networks_builtin(filter->app->engine, record->name))
		return false;
	for (size_t i = 0; i < filter->used.count; i++)
		if (str_eq(filter->used.items[i], record->name))
			return false;
	return true;
}

static bool is_of_type(const struct network_filter *filter, const struct network_record *record)
{
	const char *type = filter_value(filter->filters, "type");
	bool builtin = networks_builtin(filter->app->engine, record->name);

	return !type || builtin == str_eq(type, "builtin");
}

static bool is_as_used(const struct network_filter *filter, const struct network_record *record)
{
	const char *value = filter_value(filter->filters, "dangling");
	bool wanted;

	return !value || filter_truth(value, &wanted) < 0 ||
	       wanted == network_filter_unused(filter, record);
}

bool network_filter_match(const struct network_filter *filter, const struct network_record *record)
{
	const struct strv *f = filter->filters;

	return filter_any(f, "name", app_docker(filter->app) ? has_name : fits_name, record) &&
	       filter_any(f, "id", has_id, record) && filter_any(f, "driver", has_driver, record) &&
	       filter_any(f, "scope", is_local, record) &&
	       filter_any(f, "until", is_older, record) && filter_labels(f, &record->labels) &&
	       is_of_type(filter, record) && is_as_used(filter, record);
}

void network_filter_clear(struct network_filter *filter)
{
	strv_clear(&filter->used);
}
