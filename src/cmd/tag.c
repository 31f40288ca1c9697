/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tag - give an image one more name
 */
#include "cli/command.h"
#include "engine/newimage.h"
#include "store/images.h"

static int tag_run(struct app *app, unused_arg void *data, const struct strv *words,
		   struct err *err)
{
	AUTO(image) struct image *image = NULL;
	int r = image_find(app->engine->store, words->items[0], &image, err);

	for (size_t i = 1; r == 0 && i < words->count; i++) {
		AUTO(mem) char *name = NULL;
		r = newimage_name(app->engine, words->items[i], &name, err);
		if (r == 0)
			r = image_tag(app->engine->store, image, name, err);
	}
	return r;
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
