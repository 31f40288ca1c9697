/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_prune - remove the images that nothing uses
 */
#include "cli/command.h"
#include "cmd/image_deleted.h"
#include "cmd/image_filter.h"
#include "cmd/prune.h"
#include "engine/buildprune.h"
#include "engine/images.h"

#define NOT_SAID UINT64_MAX

struct prune_args {
	bool all;
	bool force;
	bool build_cache;
	uint64_t keep; /* bytes; NOT_SAID */
	struct strv filters;
};

static const struct opt prune_opts[] = {
	OPT_FLAG('a', "all", struct prune_args, all, "also those that have a name"),
	OPT_LIST(0, "filter", "KEY=VALUE", struct prune_args, filters, COMPLETE_NONE,
		 "only those: label, until and those of images"),
	OPT_SIZE(0, "keep-storage", "SIZE", struct prune_args, keep,
		 "remove unused images, with names or without, those used longest ago first, until what "
		 "is left takes no more than SIZE"),
	OPT_FLAG('f', "force", struct prune_args, force, "do not ask"),
	OPT_FLAG(
		0, "build-cache", struct prune_args, build_cache,
		"also the folders of RUN --mount=type=cache; 'builder prune' removes the cache of steps"),
	OPT_HARMLESS(0, "external", "there are no containers of other tools in the store"),
	OPT_END,
};

static int64_t bytes_kept(const struct prune_args *args)
{
	if (args->keep == NOT_SAID)
		return -1;
	return (int64_t)min_of(args->keep, (uint64_t)INT64_MAX);
}

static bool agreed(struct app *app, const struct prune_args *args)
{
	if (args->keep != NOT_SAID) {
		AUTO(mem) char *size = str_decimal(bytes_kept(args), "");
		AUTO(mem)
		char *what = str_fmt("WARNING! This will remove images without at least one "
				     "container associated to them until %s are left.",
				     size);
		return prune_agreed(app, args->force, what);
	}
	return prune_agreed(app, args->force,
			    args->all ? "WARNING! This will remove all images without at least one "
					"container associated to them."
				      : "WARNING! This will remove all dangling images.");
}

static void print(struct app *app, const struct image_deleted *deleted)
{
	if (!app_docker(app)) {
		for (size_t i = 0; i < deleted->images.count; i++)
			fprintf(app->out, "%s\n", deleted->images.items[i]);
		return;
	}
	if (deleted->deleted.count > 0)
		fprintf(app->out, "Deleted Images:\n");
	image_deleted_print(app, deleted, true);
	if (deleted->deleted.count > 0)
		putc('\n', app->out);
	prune_total(app, deleted->bytes);
}

static int prune_run(struct app *app, void *data, unused_arg const struct strv *words,
		     struct err *err)
{
	const struct prune_args *args = data;
	const struct buildprune_options folders = { .only_mounts = true };
	AUTO(image_deleted) struct image_deleted deleted = { 0 };
	AUTO(buildpruned) struct buildpruned builds = { 0 };
	AUTO(image_filter) struct image_filter filter = { 0 };

	int r = image_filter_init(app, &args->filters, &filter, err);
	if (r < 0 || !agreed(app, args))
		return r;
	r = prune_images(app, &args->filters, args->all, bytes_kept(args), &deleted, err);
	if (r == 0 && args->build_cache)
		r = buildprune(app->engine, &folders, &builds, err);
	deleted.bytes += builds.bytes;
	print(app, &deleted);
	return r;
}

const struct command cmd_image_prune = {
	.name = "image prune",
	.group = GROUP_IMAGE,
	.about = "remove the images that nothing uses",
	.needs = NEED_STORE | NEED_USERNS,
	.opts = prune_opts,
	.args_size = sizeof(struct prune_args),
	.defaults = &(const struct prune_args){ .keep = NOT_SAID },
	.examples = "cubby image prune -f\ncubby image prune -a --filter until=240h\n"
		    "cubby image prune --keep-storage 10GB\n",
	.run = prune_run,
};
