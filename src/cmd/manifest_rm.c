/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * manifest_rm - remove lists of images
 *
 * Every argument is tried; what fails is told, and the status says so.
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/image_deleted.h"
#include "engine/images.h"
#include "engine/list.h"

struct rm_args {
	bool ignore;
};

static const struct opt rm_opts[] = {
	OPT_FLAG('i', "ignore", struct rm_args, ignore, "an unknown list is no error"),
	OPT_END,
};

static const struct exit_rule rm_exits[] = { { 0, 1, 1 } };

static int remove_one(struct app *app, const char *name, struct err *err)
{
	AUTO(image) struct image *list = NULL;

	int r = list_find(app->engine, name, &list, err);
	return r < 0 ? r : image_deleted_one(app, name, err);
}

static int rm_run(struct app *app, void *data, const struct strv *words, unused_arg struct err *err)
{
	const struct rm_args *args = data;
	int status = 0;

	for (size_t i = 0; i < words->count; i++) {
		AUTO(err) struct err one = { 0 };
		int r = remove_one(app, words->items[i], &one);
		if (r == 0 || (r == -ENOENT && args->ignore))
			continue;
		status = exit_status(rm_exits, app->flavour, r);
		app_error(app, &one);
	}
	return status;
}

const struct command cmd_manifest_rm = {
	.name = "manifest rm",
	.group = GROUP_IMAGE,
	.about = "remove lists of images",
	.text = "The images that a list names stay when they have a name of their own.",
	.args = "LIST...",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = rm_opts,
	.args_size = sizeof(struct rm_args),
	.exits = rm_exits,
	.examples = "cubby manifest rm web:1\n",
	.run = rm_run,
};
