/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tag - give an image one more name
 */
#include "cli/command.h"
#include "cmd/each.h"
#include "engine/newimage.h"
#include "store/images.h"

static int tag_one(struct app *app, const char *word, const void *image, struct err *err)
{
	AUTO(mem) char *name = NULL;
	int r = newimage_name(app->engine, word, &name, err);

	return r < 0 ? r : image_tag(app->engine->store, image, name, err);
}

static int tag_run(struct app *app, unused_arg void *data, const struct strv *words,
		   struct err *err)
{
	AUTO(image) struct image *image = NULL;
	const struct strv names = { .items = words->items + 1, .count = words->count - 1 };
	int r = image_find_any(app->engine->store, words->items[0], &image, err);

	return r < 0 ? r : each_word(app, NULL, &names, tag_one, image);
}

const struct command cmd_tag = {
	.name = "tag",
	.group = GROUP_IMAGE,
	.about = "give an image one more name",
	.args = "IMAGE NAME[:TAG] [NAME[:TAG]...]",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.examples = "cubby tag nginx:1.22 localhost:5000/nginx:mine\n",
	.run = tag_run,
};
