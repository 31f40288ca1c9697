/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_filter - the filters of images and image prune
 */
#include "cmd/image_filter.h"

#include <errno.h>
#include <fnmatch.h>

#include "base/clock.h"
#include "cli/filter.h"
#include "engine/engine.h"
#include "oci/reference.h"
#include "store/image_list.h"
#include "store/images.h"
#include "store/record.h"

static const char *const known[] = {
	"after",  "before",   "containers", "dangling",	 "digest", "id",    "intermediate", "label",
	"label!", "manifest", "readonly",   "reference", "since",  "until", NULL,
};

/* When the images of a filter were made; each of them must be met, as in both tools. */
static int created_of(const struct image_filter *filter, const char *prefix, bool earliest,
		      int64_t *out, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < filter->filters->count && r == 0; i++) {
		const char *name = str_starts(filter->filters->items[i], prefix);
		AUTO(image) struct image *image = NULL;
		if (!name)
			continue;
		r = image_find(filter->app->engine->store, name, &image, err);
		if (r == 0)
			*out = earliest ? min_of(*out, image->created)
					: max_of(*out, image->created);
	}
	return r;
}

static int read_until(struct image_filter *filter, struct err *err)
{
	const char *text = filter_value(filter->filters, "until");
	int64_t until = 0;

	if (!text)
		return 0;
	if (clock_parse(text, filter->now, &until) < 0)
		return err_set(err, -EINVAL, "'%s' is no time: use 10m, 2h or 2024-01-31", text);
	filter->before = min_of(filter->before, until);
	return 0;
}

static int read_truth(const struct image_filter *filter, const char *key, bool *out_given,
		      bool *out, struct err *err)
{
	const char *text = filter_value(filter->filters, key);

	*out_given = text != NULL;
	if (!text || filter_truth(text, out) == 0)
		return 0;
	return err_set(err, -EINVAL, "invalid filter '%s=%s': say true or false", key, text);
}

static int note_image(void *data, unused_arg const char *id, struct container_state *state)
{
	AUTO(container_state) struct container_state *owned = state;

	if (owned && owned->image_id)
		strv_add(data, owned->image_id);
	return 0;
}

void image_filter_clear(struct image_filter *filter)
{
	strv_clear(&filter->used_ids);
	strv_clear(&filter->tied_ids);
}

static int find_tied(struct image_filter *filter, struct err *err)
{
	const struct store *store = filter->app->engine->store;
	AUTO(images) struct images all = { 0 };
	const int r = images_load(store, &all, err);

	if (r == 0)
		images_tied(store, &all, &filter->tied_ids);
	return r;
}

int image_filter_init(struct app *app, const struct strv *filters, struct image_filter *out,
		      struct err *err)
{
	struct image_filter filter = { .app = app,
				       .filters = filters,
				       .now = clock_now(),
				       .before = INT64_MAX,
				       .since = INT64_MIN };

	int r = filter_check(filters, known, err);
	if (r == 0)
		r = created_of(&filter, "before=", true, &filter.before, err);
	if (r == 0)
		r = created_of(&filter, "after=", false, &filter.since, err);
	if (r == 0)
		r = created_of(&filter, "since=", false, &filter.since, err);
	if (r == 0)
		r = read_until(&filter, err);
	if (r == 0)
		r = read_truth(&filter, "dangling", &filter.dangling_given, &filter.dangling, err);
	if (r == 0)
		r = read_truth(&filter, "readonly", &filter.readonly_given, &filter.readonly, err);
	if (r == 0)
		r = read_truth(&filter, "manifest", &filter.manifest_given, &filter.manifest, err);
	if (r == 0)
		r = read_truth(&filter, "intermediate", &filter.between_given, &filter.between,
			       err);
	if (r == 0)
		r = read_truth(&filter, "containers", &filter.used_given, &filter.used, err);
	if (r == 0 && filter.dangling_given)
		r = find_tied(&filter, err);
	if (r == 0 && filter.used_given)
		r = record_each_state(app->engine->store, note_image, &filter.used_ids, err);
	if (r == 0)
		*out = filter;
	else
		image_filter_clear(&filter);
	return r;
}

/* A pattern may leave out what stands before any '/'. */
static bool matches(const char *pattern, char *text)
{
	AUTO(mem) char *owned = text;

	for (const char *part = owned; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (fnmatch(pattern, part, FNM_PATHNAME) == 0)
			return true;
	}
	return false;
}

bool image_filter_name(const void *thing, const char *pattern)
{
	const struct image *image = thing;
	AUTO(reference) struct reference ref = { 0 };

	if (!image->name || reference_parse(image->name, &ref, NULL) < 0)
		return false;
	return matches(pattern, reference_print(&ref)) || matches(pattern, reference_name(&ref));
}

static bool has_id(const void *thing, const char *value)
{
	const struct image *image = thing;
	const char *hex = str_starts(value, "sha256:");

	return image->id && str_starts(image->id, hex ? hex : value);
}

static bool has_digest(const void *thing, const char *value)
{
	const struct image *image = thing;

	return str_starts(image->digest, value);
}

static bool labels_met(const struct image_filter *filter, const struct image *image)
{
	AUTO(image_config) struct image_config *config = NULL;

	if (!filter_value(filter->filters, "label") && !filter_value(filter->filters, "label!"))
		return true;
	if (image_config(filter->app->engine->store, image, &config, NULL) < 0)
		return false;
	return filter_labels(filter->filters, &config->config.labels);
}

static bool is_used(const struct image_filter *filter, const struct image *image)
{
	return image->id && strv_find(&filter->used_ids, image->id) >= 0;
}

static bool is_dangling(const struct image_filter *filter, const struct image *image)
{
	return !image->name && (!image->id || strv_find(&filter->tied_ids, image->id) < 0);
}

bool image_filter_met(void *data, const struct image *image)
{
	const struct image_filter *filter = data;

	if (filter->dangling_given && filter->dangling != is_dangling(filter, image))
		return false;
	if (filter->readonly_given && filter->readonly != (image->store != NULL))
		return false;
	if (filter->manifest_given && filter->manifest != image->list)
		return false;
	/* Every image was made to be kept. */
	if (filter->between_given && filter->between)
		return false;
	if (filter->used_given && filter->used != is_used(filter, image))
		return false;
	if (image->created >= filter->before || image->created <= filter->since)
		return false;
	return filter_any(filter->filters, "id", has_id, image) &&
	       filter_any(filter->filters, "digest", has_digest, image) &&
	       filter_any(filter->filters, "reference", image_filter_name, image) &&
	       labels_met(filter, image);
}
