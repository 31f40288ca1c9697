/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rmi - remove one or more images
 *
 * Every argument is tried; what fails is told, and the status says so.
 */
#include <errno.h>

#include "cli/command.h"
#include "cmd/image_deleted.h"
#include "engine/images.h"
#include "store/images.h"

struct rmi_args {
	const char *platform;
	bool all;
	bool force;
	bool ignore;
};

static const struct opt rmi_opts[] = {
	OPT_FLAG('a', "all", struct rmi_args, all, "remove all images"),
	OPT_FLAG('f', "force", struct rmi_args, force,
		 "all names at once, and with the containers that use it (docker: though stopped "
		 "containers use it)"),
	OPT_FLAG('i', "ignore", struct rmi_args, ignore, "an unknown image is no error"),
	OPT_HARMLESS(0, "no-prune", "images have no parents that could go along"),
	OPT_TEXT(0, "platform", "OS/ARCH[/VARIANT]", struct rmi_args, platform, COMPLETE_NONE,
		 "leave images that are for another platform, and say so"),
	OPT_END,
};

static const struct exit_rule rmi_exits[] = {
	{ -EBUSY, 1, 2 },
	{ -EINVAL, 125, 125 },
	{ 0, 1, 1 },
};

static int collect(struct app *app, const struct rmi_args *args, const struct strv *words,
		   struct strv *out, struct err *err)
{
	AUTO(images) struct images images = { 0 };

	if (args->all && words->count)
		return err_set(err, -EINVAL, "--all takes no names");
	if (!args->all && !words->count)
		return err_set(err, -EINVAL, "name at least one image, or give --all");
	strv_extend(out, words);
	int r = args->all ? images_load(app->engine->store, &images, err) : 0;
	for (size_t i = 0; r == 0 && i < images.count; i++)
		strv_add(out, str_or(images.items[i].name, images.items[i].digest));
	return r;
}

/* Return: the exit status that one of them asks for. */
static int show_one(struct app *app, const struct rmi_args *args, struct image_deletion *one)
{
	image_deleted_print(app, &one->done, true);
	if (one->result >= 0)
		return 0;
	if (one->result == -ENOENT && (args->ignore || (args->force && !app_docker(app))))
		return 0;
	app_error(app, &one->err);
	return exit_status(rmi_exits, app->flavour, one->result);
}

static int rmi_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct rmi_args *args = data;
	const struct image_delete_options options = { .force = args->force,
						      .platform = args->platform };
	AUTO(image_deletions) struct image_deletions deletions = { 0 };
	AUTO(strv) struct strv names = { 0 };
	int status = 0;

	int r = collect(app, args, words, &names, err);
	for (size_t i = 0; i < names.count && r == 0; i++)
		vec_push(&deletions)->text = names.items[i];
	if (r == 0)
		r = images_delete(app->engine, &deletions, &options, err);
	for (size_t i = 0; i < deletions.count; i++)
		status = max_of(status, show_one(app, args, &deletions.items[i]));
	return r < 0 ? r : status;
}

const struct command cmd_rmi = {
	.name = "rmi",
	.group = GROUP_IMAGE,
	.about = "remove one or more images",
	.args = "[IMAGE...]",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = rmi_opts,
	.args_size = sizeof(struct rmi_args),
	.exits = rmi_exits,
	.examples = "cubby rmi nginx:1.22\ncubby rmi $(cubby images -q --filter dangling=true)\n",
	.run = rmi_run,
};
