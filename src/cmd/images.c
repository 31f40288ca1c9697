/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * images - list the images that are here
 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/json_text.h"
#include "cmd/image_filter.h"
#include "cmd/image_row.h"
#include "cmd/images_tree.h"
#include "engine/engine.h"
#include "store/images.h"

enum { INDENT = 4 };

enum sort_key { SORT_CREATED, SORT_ID, SORT_REPOSITORY, SORT_SIZE, SORT_TAG };

struct images_args {
	bool all;
	bool digests;
	bool history;
	bool no_trunc;
	bool no_heading;
	bool quiet;
	bool tree;
	const char *format;
	int sort;
	struct strv filters;
};

static const char *const sort_names[] = { "created", "id", "repository", "size", "tag", NULL };

static const struct opt images_opts[] = {
	OPT_FLAG('a', "all", struct images_args, all,
		 "also what has lost its name, when its id has another"),
	OPT_FLAG(0, "digests", struct images_args, digests, "show digests too"),
	OPT_LIST('f', "filter", "KEY=VALUE", struct images_args, filters, COMPLETE_NONE,
		 "only those: after, before, containers, dangling, digest, id, intermediate, "
		 "label, label!, manifest, readonly, reference, since, until"),
	OPT_TEXT(0, "format", "FORMAT", struct images_args, format, COMPLETE_NONE,
		 "print through a Go template, table, or json"),
	OPT_FLAG(0, "no-trunc", struct images_args, no_trunc, "whole ids"),
	OPT_FLAG('n', "noheading", struct images_args, no_heading, "no line of headings"),
	OPT_FLAG('q', "quiet", struct images_args, quiet, "ids alone"),
	OPT_ENUM(0, "sort", "KEY", struct images_args, sort, sort_names, "order of the list"),
	OPT_FLAG(0, "history", struct images_args, history, "also the names that images had"),
	OPT_FLAG(0, "tree", struct images_args, tree,
		 "each image once, and below it the machine it is for"),
	OPT_END,
};

static int by_text(const char *a, const char *b)
{
	return strcmp(str_or(a, ""), str_or(b, ""));
}

static int compare(const void *x, const void *y, void *key)
{
	const struct image *a = x, *b = y;

	switch (*(const enum sort_key *)key) {
	case SORT_ID:
		return by_text(a->id, b->id);
	case SORT_REPOSITORY:
	case SORT_TAG:
		return by_text(a->name, b->name);
	case SORT_SIZE:
		return (a->size > b->size) - (a->size < b->size);
	case SORT_CREATED:
		break;
	}
	if (a->created != b->created)
		return a->created < b->created ? 1 : -1;
	return by_text(a->name, b->name);
}

/* As a load leaves it that brought the same image in another form: the id is a name's, and used through it. */
static bool shadowed(const struct images *all, const struct image *image)
{
	if (image->name || !image->id)
		return false;
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].name && str_eq(all->items[i].id, image->id))
			return true;
	return false;
}

/* Those listed, before any is taken out of the list. */
static bool *choose(const struct images_args *args, const struct strv *words,
		    struct image_filter *filter, const struct images *all)
{
	const bool whole = args->all || args->digests;
	bool *chosen = mem_alloc(all->count, sizeof *chosen);

	for (size_t i = 0; i < all->count; i++) {
		const struct image *image = &all->items[i];
		chosen[i] = image_filter_met(filter, image) &&
			    (!words->count || image_filter_name(image, words->items[0])) &&
			    (whole || !shadowed(all, image));
	}
	return chosen;
}

static int load(struct app *app, const struct images_args *args, const struct strv *words,
		struct images *out, struct err *err)
{
	AUTO(images) struct images all = { 0 };
	AUTO(image_filter) struct image_filter filter = { 0 };
	enum sort_key key = (enum sort_key)args->sort;

	int r = image_filter_init(app, &args->filters, &filter, err);
	if (r == 0)
		r = images_load_all(app->engine->store, &all, err);
	if (r < 0)
		return r;
	AUTO(mem) bool *chosen = choose(args, words, &filter, &all);
	for (size_t i = 0; i < all.count; i++) {
		if (!chosen[i])
			continue;
		*vec_push(out) = all.items[i];
		all.items[i] = (struct image){ 0 };
	}
	if (out->count)
		qsort_r(out->items, out->count, sizeof *out->items, compare, &key);
	return 0;
}

static bool seen(const struct images *images, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(images->items[i].id, images->items[at].id))
			return true;
	return false;
}

static void print_ids(struct app *app, const struct images *images, bool no_trunc)
{
	for (size_t i = 0; i < images->count; i++) {
		AUTO(mem) char *id = image_id_text(&images->items[i], no_trunc);
		if (app_docker(app) || !seen(images, i))
			fprintf(app->out, "%s\n", id);
	}
}

static void print_documents(struct app *app, const struct images *images)
{
	AUTO(json) cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < images->count; i++)
		if (!seen(images, i))
			cJSON_AddItemToArray(list, image_document(images, i));
	json_text_print(list, INDENT, app->out);
}

static const struct table_spec *table_of(const struct images *images,
					 const struct images_args *args)
{
	const bool digests = args->digests;
	bool more = false;

	if (args->history)
		return &image_table_history;
	for (size_t i = 0; i < images->count; i++)
		more = more || images->items[i].store;
	if (more)
		return digests ? &image_table_digests_stores : &image_table_stores;
	return digests ? &image_table_digests : &image_table;
}

static int images_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct images_args *args = data;
	const struct table_style style = { .format = args->format,
					   .no_heading = args->no_heading,
					   .whole = args->no_trunc };
	AUTO(images) struct images images = { 0 };
	AUTO(json) cJSON *rows = cJSON_CreateArray();
	int64_t now = clock_now();

	if (args->history && (args->digests || args->tree))
		return err_set(err, -EINVAL, "--history goes with neither --digests nor --tree");
	int r = load(app, args, words, &images, err);
	if (r < 0)
		return r;
	if (args->tree && (args->quiet || args->format || args->digests))
		return err_set(err, -EINVAL,
			       "--tree goes with neither --quiet, --format nor "
			       "--digests");
	if (args->tree)
		return images_tree_print(app, &images, &style, err);
	if (args->quiet && !args->format) {
		print_ids(app, &images, args->no_trunc);
		return 0;
	}
	if (str_eq(args->format, "json") && !app_docker(app)) {
		print_documents(app, &images);
		return 0;
	}
	for (size_t i = 0; i < images.count; i++)
		cJSON_AddItemToArray(rows, image_row(app, &images.items[i], args->no_trunc, now));
	return table_print(table_of(&images, args), &style, rows, app->out, err);
}

const struct command cmd_images = {
	.name = "images",
	.group = GROUP_IMAGE,
	.about = "list the images that are here",
	.args = "[REPOSITORY[:TAG]]",
	.complete = COMPLETE_IMAGES,
	.needs = NEED_STORE,
	.opts = images_opts,
	.args_size = sizeof(struct images_args),
	.examples = "cubby images\ncubby images --filter dangling=true -q\n"
		    "cubby images --format '{{.Repository}}:{{.Tag}} {{.Size}}'\n",
	.run = images_run,
};
