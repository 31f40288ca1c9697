/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_exists - whether an image is here: the exit status says it
 */
#include <errno.h>

#include "cli/command.h"
#include "engine/engine.h"
#include "store/images.h"

static int exists_run(struct app *app, unused_arg void *data, const struct strv *words,
		      struct err *err)
{
	AUTO(image) struct image *image = NULL;
	int r = image_find_any(app->engine->store, words->items[0], &image, err);

	if (r != -ENOENT)
		return r;
	err_clear(err);
	return 1;
}

const struct command cmd_image_exists = {
	.name = "image exists",
	.group = GROUP_IMAGE,
	.about = "tell by the exit status whether an image is here",
	.args = "IMAGE",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.examples = "cubby image exists nginx:1.22 || cubby pull nginx:1.22\n",
	.run = exists_run,
};
