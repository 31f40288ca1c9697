/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_filter - the filters of images and image prune
 */
#pragma once

#include "cli/command.h"
#include "store/image.h"

struct image_filter {
	struct app *app;
	const struct strv *filters; /* as typed */
	int64_t now;
	int64_t before; /* of the filters "before" and "until"; INT64_MAX: any */
	int64_t since;
	bool dangling_given, dangling;
	bool readonly_given, readonly;
	bool manifest_given, manifest;
	bool between_given, between;
	bool used_given, used; /* by containers */
	struct strv used_ids;  /* of images that containers use */
	struct strv tied_ids;  /* of those that are not dangling, with the filter of that name */
};

/**
 * image_filter_init() - read filters
 * @app:	with the engine
 * @filters:	as typed; borrowed
 * @out:	borrows @app and @filters; to be released with image_filter_clear; set on success only
 * @err:	names the filter that is wrong
 *
 * Return: 0; -EINVAL; -ENOENT when "before" or "since" names no image.
 */
must_check int image_filter_init(struct app *app, const struct strv *filters,
				 struct image_filter *out, struct err *err);

/**
 * image_filter_clear() - release what was read for the filters
 * @filter:	may be zeroed
 */
void image_filter_clear(struct image_filter *filter);

static inline void auto_image_filter(struct image_filter *filter)
{
	image_filter_clear(filter);
}

/**
 * image_filter_met() - whether an image meets the filters
 * @data:	struct image_filter
 * @image:	one entry of the list
 *
 * An image_wanted_fn of engine/images.h.
 *
 * Return: whether it does.
 */
bool image_filter_met(void *data, const struct image *image);

/**
 * image_filter_name() - whether an image's name is as a pattern
 * @thing:	struct image
 * @pattern:	name, with or without tag and domain; "*" and "?" stand for anything but "/"
 *
 * A filter_test of cli/filter.h.
 *
 * Return: whether it is.
 */
bool image_filter_name(const void *thing, const char *pattern);
