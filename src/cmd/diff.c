/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * diff - show what a container has changed of its image, and an image of what is below it
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/changes_text.h"
#include "cmd/pick.h"
#include "engine/container.h"
#include "engine/diff.h"
#include "store/images.h"

struct diff_args {
	const char *format;
	bool latest;
};

static const struct opt diff_opts[] = {
	OPT_WORDS(0, "format", "FORMAT", struct diff_args, format, "json", "print a JSON document"),
	OPT_FLAG('l', "latest", struct diff_args, latest, "the container that was made last"),
	OPT_END,
};

static const struct opt image_diff_opts[] = {
	OPT_WORDS(0, "format", "FORMAT", struct diff_args, format, "json", "print a JSON document"),
	OPT_END,
};

static int show_container(struct app *app, const struct diff_args *args, const struct strv *words,
			  bool or_image, struct err *err)
{
	struct changes_text text;
	AUTO(strv) struct strv meant = { 0 };
	AUTO(mem) char *id = NULL;
	int r = changes_text_init(&text, args->format, app->out, err);

	if (r == 0)
		r = pick_words(app, args->latest, words, 1, &meant, err);
	if (r == 0 && meant.count > 1)
		return err_set(err, -EINVAL, "--latest takes no name");
	if (r == 0)
		r = container_find(app->engine, meant.items[0], &id, err);
	if (r == -ENOENT && or_image && !args->latest) {
		AUTO(image) struct image *image = NULL;
		if (image_find(app->engine->store, words->items[0], &image, NULL) < 0)
			return r;
		err_clear(err);
		return image_diff(app->engine, words->items[0], NULL, changes_text_show, &text,
				  err);
	}
	return r < 0 ? r : container_diff(app->engine, id, changes_text_show, &text, err);
}

static int diff_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	return show_container(app, data, words, true, err);
}

static int container_diff_run(struct app *app, void *data, const struct strv *words,
			      struct err *err)
{
	return show_container(app, data, words, false, err);
}

static int image_diff_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct diff_args *args = data;
	struct changes_text text;
	int r = changes_text_init(&text, args->format, app->out, err);

	return r < 0 ? r
		     : image_diff(app->engine, words->items[0],
				  words->count > 1 ? words->items[1] : NULL, changes_text_show,
				  &text, err);
}

static const struct exit_rule diff_exits[] = { { 0, 1, 125 } };

const struct command cmd_diff = {
	.name = "diff",
	.group = GROUP_CONTAINER,
	.about = "show what a container has changed of its image",
	.text = "A line each: A for what was added, C for what was changed, D for what was deleted. A name "
		"that no container has may be an image's: then it is what its uppermost layer changes.",
	.args = "[CONTAINER]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = diff_opts,
	.args_size = sizeof(struct diff_args),
	.exits = diff_exits,
	.examples = "cubby diff web\n",
	.run = diff_run,
};

const struct command cmd_container_diff = {
	.name = "container diff",
	.group = GROUP_HIDDEN,
	.about = "show what a container has changed of its image",
	.args = "[CONTAINER]",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = diff_opts,
	.args_size = sizeof(struct diff_args),
	.exits = diff_exits,
	.examples = "cubby container diff web\n",
	.run = container_diff_run,
};

const struct command cmd_image_diff = {
	.name = "image diff",
	.group = GROUP_IMAGE,
	.about = "show what an image changes of the layers below, or of another image",
	.text = "Of one image it is what its uppermost layer changes. Of two it is what the first has changed of "
		"the second.",
	.args = "IMAGE [IMAGE]",
	.complete = COMPLETE_IMAGES,
	.complete_rest = COMPLETE_IMAGES,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = image_diff_opts,
	.args_size = sizeof(struct diff_args),
	.exits = diff_exits,
	.examples = "cubby image diff web:2 web:1\n",
	.run = image_diff_run,
};
