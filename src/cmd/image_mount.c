/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_mount - the files of images
 */
#include <errno.h>

#include "cli/command.h"
#include "cli/json_text.h"
#include "cmd/each.h"
#include "engine/mounting.h"
#include "store/images.h"

enum { INDENT = 4 };

static int find_complete(struct app *app, const char *text, struct image **out, struct err *err)
{
	const struct store *store = app->engine->store;
	AUTO(image) struct image *image = NULL;
	int r = image_find(store, text, &image, err);

	if (r == 0)
		r = image_complete(store, image, err);
	if (r < 0)
		return r;
	*out = take_ptr(image);
	return 0;
}

/* All images, each once by its first name. */
static int all_images(struct app *app, struct images *out, struct strv *words, struct err *err)
{
	AUTO(strv) struct strv seen = { 0 };
	int r = images_load_all(app->engine->store, out, err);

	for (size_t i = 0; r == 0 && i < out->count; i++) {
		struct image *image = &out->items[i];
		/* A damaged one is not mounted. */
		if (image_complete(app->engine->store, image, NULL) < 0 ||
		    strv_find(&seen, image->id) >= 0)
			continue;
		strv_add(&seen, image->id);
		strv_add(words, str_or(image->name, image->id));
	}
	return r;
}

/* ---- mount ---- */

struct image_mount_args {
	bool all;
	const char *format;
};

static const struct opt image_mount_opts[] = {
	OPT_FLAG('a', "all", struct image_mount_args, all, "all images"),
	OPT_WORDS(0, "format", "FORMAT", struct image_mount_args, format, "json",
		  "print the list as a JSON document"),
	OPT_END,
};

static void show_row(struct app *app, const char *word, const struct image *image, const char *path,
		     cJSON *rows)
{
	if (!rows) {
		fprintf(app->out, "%s  %s\n", word, path);
		return;
	}
	cJSON *row = cJSON_CreateObject();
	cJSON *names = cJSON_CreateArray();
	cJSON_AddItemToArray(names, cJSON_CreateString(word));
	cJSON_AddStringToObject(row, "id", image->id);
	cJSON_AddItemToObject(row, "Repositories", names);
	cJSON_AddStringToObject(row, "mountpoint", path);
	cJSON_AddItemToArray(rows, row);
}

static int list_mounted(struct app *app, const struct strv *words, bool json, struct err *err)
{
	AUTO(json) cJSON *rows = json ? cJSON_CreateArray() : NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < words->count; i++) {
		AUTO(image) struct image *image = NULL;
		r = find_complete(app, words->items[i], &image, err);
		AUTO(mem) char *path = r == 0 ? mounting_image_path(app->engine, image) : NULL;
		if (path)
			show_row(app, words->items[i], image, path, rows);
	}
	if (r == 0 && json)
		json_text_print(rows, INDENT, app->out);
	return r;
}

static int mount_one(struct app *app, const char *word, const void *data, struct err *err)
{
	const bool *names = data;
	AUTO(image) struct image *image = NULL;
	AUTO(mem) char *path = NULL;
	int r = find_complete(app, word, &image, err);

	if (r == 0)
		r = mounting_image_add(app->engine, image, &path, err);
	if (r == 0)
		fprintf(app->out, "%s%s%s\n", *names ? word : "", *names ? " " : "", path);
	return r;
}

static int image_mount_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct image_mount_args *args = data;
	AUTO(images) struct images images = { 0 };
	AUTO(strv) struct strv all = { 0 };
	bool names = args->all || words->count > 1;

	if (args->format && !str_eq(args->format, "json"))
		return err_set(err, -EINVAL, "--format: '%s' is not 'json'", args->format);
	if (args->all && words->count)
		return err_set(err, -EINVAL, "--all takes no names");
	if (words->count)
		return each_word(app, NULL, words, mount_one, &names);
	int r = all_images(app, &images, &all, err);
	if (r < 0)
		return r;
	return args->all ? each_word(app, NULL, &all, mount_one, &names)
			 : list_mounted(app, &all, args->format, err);
}

const struct command cmd_image_mount = {
	.name = "image mount",
	.group = GROUP_IMAGE,
	.about = "mount images read-only, or list those that are mounted",
	.text = "Prints where. A user's mounts are seen in a mount namespace of their own only: run it, and what looks "
		"at the files, inside 'cubby unshare'. They end with that.",
	.args = "[IMAGE...]",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = image_mount_opts,
	.args_size = sizeof(struct image_mount_args),
	.examples = "cubby unshare sh -c 'ls $(cubby image mount web)'\n",
	.run = image_mount_run,
};

/* ---- unmount ---- */

struct image_unmount_args {
	bool all;
	bool force;
};

static const struct opt image_unmount_opts[] = {
	OPT_FLAG('a', "all", struct image_unmount_args, all, "all that are mounted"),
	OPT_FLAG('f', "force", struct image_unmount_args, force, "also when files are open in it"),
	OPT_END,
};

static int unmount_one(struct app *app, const char *word, const void *data, struct err *err)
{
	const struct image_unmount_args *args = data;
	AUTO(image) struct image *image = NULL;
	int r = find_complete(app, word, &image, err);

	if (r < 0)
		return r;
	AUTO(mem) char *path = mounting_image_path(app->engine, image);
	if (!path && args->all)
		return 0;
	r = mounting_image_remove(app->engine, image, args->force, err);
	if (r == 0)
		fprintf(app->out, "%s\n", image->id);
	return r;
}

static int image_unmount_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct image_unmount_args *args = data;
	AUTO(images) struct images images = { 0 };
	AUTO(strv) struct strv all = { 0 };

	if (args->all == (words->count > 0))
		return err_set(err, -EINVAL, "name an image, or give --all");
	if (words->count)
		return each_word(app, NULL, words, unmount_one, args);
	int r = all_images(app, &images, &all, err);
	return r < 0 ? r : each_word(app, NULL, &all, unmount_one, args);
}

const struct command cmd_image_unmount = {
	.name = "image unmount",
	.group = GROUP_IMAGE,
	.about = "unmount what 'image mount' has mounted",
	.args = "[IMAGE...]",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE | NEED_USERNS,
	.opts = image_unmount_opts,
	.args_size = sizeof(struct image_unmount_args),
	.examples = "cubby image unmount -a\n",
	.run = image_unmount_run,
};
