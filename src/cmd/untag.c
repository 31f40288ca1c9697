/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * untag - take names of an image away
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/each.h"
#include "engine/engine.h"
#include "store/images.h"

static int untag_all(struct app *app, const struct image *image, struct err *err)
{
	AUTO(images) struct images images = { 0 };
	AUTO(image_drops) struct image_drops drops = { 0 };
	int r = images_load(app->engine->store, &images, err);

	for (size_t i = 0; r == 0 && i < images.count; i++)
		if (str_eq(images.items[i].id, image->id) && images.items[i].name)
			vec_push(&drops)->image = &images.items[i];
	if (r == 0 && drops.count)
		r = images_drop(app->engine->store, &drops, NULL, NULL, NULL, NULL, err);
	for (size_t i = 0; i < drops.count && r == 0; i++)
		if (drops.items[i].result < 0)
			r = err_move(err, &drops.items[i].err);
	return r;
}

static int untag_one(struct app *app, const char *text, const void *data, struct err *err)
{
	const struct image *image = data;
	AUTO(image) struct image *named = NULL;
	int r = image_find_any(app->engine->store, text, &named, err);

	if (r == 0)
		r = image_check_own(named, err);
	if (r < 0)
		return r;
	if (!named->name || !str_eq(named->id, image->id))
		return err_set(err, -ENOENT, "'%s' is no name of the image '%.12s'", text,
			       image->id);
	return image_untag(app->engine->store, named->name, err);
}

static int untag_run(struct app *app, unused_arg void *data, const struct strv *words,
		     struct err *err)
{
	AUTO(image) struct image *image = NULL;
	int r = image_find_any(app->engine->store, words->items[0], &image, err);

	if (r == 0)
		r = image_check_own(image, err);
	if (r < 0)
		return r;
	if (words->count == 1)
		return untag_all(app, image, err);
	const struct strv names = { .items = words->items + 1, .count = words->count - 1 };
	return each_word(app, NULL, &names, untag_one, image);
}

const struct command cmd_untag = {
	.name = "untag",
	.group = GROUP_IMAGE,
	.about = "take names of an image away; without any, all",
	.args = "IMAGE [NAME[:TAG]...]",
	.complete = COMPLETE_IMAGES,
	.complete_rest = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.examples = "cubby untag localhost/mine:1\n",
	.run = untag_run,
};
