/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * volume_filter - the filters of volume ls and of what prunes volumes
 */
#include "cmd/volume_filter.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/filter.h"
#include "engine/engine.h"
#include "store/census.h"

static const char *const known[] = { "all",   "anonymous", "after", "dangling", "driver",
				     "label", "label!",	   "name",  "opt",	"scope",
				     "since", "until",	   NULL };

static bool has_name(const void *thing, const char *value)
{
	return filter_pattern(((const struct volume *)thing)->name, value);
}

static bool is_local(unused_arg const void *thing, const char *value)
{
	return str_eq(value, "local");
}

static bool is_older(const void *thing, const char *value)
{
	int64_t until;

	return clock_parse(value, clock_now(), &until) == 0 &&
	       ((const struct volume *)thing)->created < until;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void volume_use_load(struct app *app, struct volume_use *out)
{
	struct census *census = app->engine->census;

	*out = (struct volume_use){ 0 };
	out->unknown = census_refresh(census, app->engine->store, NULL) < 0;
	census_mounts(census, &out->names);
	if (out->names.count)
		qsort(out->names.items, out->names.count, sizeof *out->names.items, by_name);
}

bool volume_use_has(const struct volume_use *use, const char *name)
{
	return use->unknown ||
	       (use->names.count && bsearch(&name, use->names.items, use->names.count,
					    sizeof *use->names.items, by_name));
}

void volume_use_clear(struct volume_use *use)
{
	strv_clear(&use->names);
}

/* Whether a truth that was asked for, if it was, is the one that is so. */
static bool agrees(const struct strv *filters, const char *key, bool so)
{
	const char *value = filter_value(filters, key);
	bool wanted;

	return !value || (filter_truth(value, &wanted) == 0 && wanted == so);
}

static int check_values(const struct strv *filters, struct err *err)
{
	static const char *const truths[] = { "all", "anonymous", "dangling" };
	const char *until = filter_value(filters, "until");
	int64_t time;
	bool truth;

	for (size_t i = 0; i < array_len(truths); i++) {
		const char *value = filter_value(filters, truths[i]);
		if (value && filter_truth(value, &truth) < 0)
			return err_set(err, -EINVAL, "invalid filter '%s=%s': say true or false",
				       truths[i], value);
	}
	if (until && clock_parse(until, clock_now(), &time) < 0)
		return err_set(err, -EINVAL, "invalid filter 'until=%s': it takes a time", until);
	return 0;
}

/* When the oldest of the volumes that the others are to be younger than was made; INT64_MIN without any. */
static int read_since(struct app *app, const struct strv *filters, int64_t *out, struct err *err)
{
	int64_t since = INT64_MIN;

	for (size_t i = 0; i < filters->count; i++) {
		AUTO(volume) struct volume *volume = NULL;
		const char *name = str_starts(filters->items[i], "since=");
		name = name ? name : str_starts(filters->items[i], "after=");
		int r = name ? volume_load(app->engine->store, name, &volume, err) : 0;
		if (r < 0)
			return r;
		if (volume)
			since = since == INT64_MIN ? volume->created
						   : min_of(since, volume->created);
	}
	*out = since;
	return 0;
}

static int check(struct app *app, const struct strv *filters, int64_t *out_since, struct err *err)
{
	int r = filter_check(filters, known, err);

	if (r == 0)
		r = check_values(filters, err);
	return r < 0 ? r : read_since(app, filters, out_since, err);
}

int volume_filter_check(struct app *app, const struct strv *filters, struct err *err)
{
	int64_t unused;

	return check(app, filters, &unused, err);
}

static bool matches(const struct strv *filters, int64_t since, const struct volume_use *use,
		    const struct volume *volume)
{
	return volume->created > since && filter_any(filters, "name", has_name, volume) &&
	       filter_any(filters, "driver", is_local, volume) &&
	       filter_any(filters, "scope", is_local, volume) &&
	       filter_any(filters, "until", is_older, volume) &&
	       filter_labels(filters, &volume->labels) &&
	       filter_all(filters, "opt", filter_label, &volume->options) &&
	       agrees(filters, "anonymous", volume->anonymous) &&
	       agrees(filters, "dangling", !volume_use_has(use, volume->name));
}

int volume_each(struct app *app, const struct strv *filters, volume_fn *fn, void *data,
		struct err *err)
{
	AUTO(volume_use) struct volume_use use = { 0 };
	AUTO(strv) struct strv names = { 0 };
	int64_t since;
	int r = check(app, filters, &since, err);

	if (r >= 0 && filter_value(filters, "dangling"))
		volume_use_load(app, &use);

	if (r >= 0)
		r = volume_list(app->engine->store, &names, err);
	if (r >= 0 && names.count)
		qsort(names.items, names.count, sizeof *names.items, by_name);
	for (size_t i = 0; i < names.count && r >= 0; i++) {
		AUTO(volume) struct volume *volume = NULL;
		AUTO(err) struct err one = { 0 };
		if (volume_load(app->engine->store, names.items[i], &volume, &one) < 0)
			app_warn(app, "%s", one.text);
		else if (matches(filters, since, &use, volume))
			r = fn(app, volume, data, err);
	}
	return r;
}
