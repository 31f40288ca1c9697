/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * system_prune - remove all that nothing uses
 *
 * Containers first: what they used is unused afterwards.
 */
#include <errno.h>

#include "cli/command.h"
#include "cli/filter.h"
#include "cmd/image_deleted.h"
#include "cmd/prune.h"
#include "engine/buildprune.h"

struct prune_args {
	bool all;
	bool force;
	bool volumes;
	struct strv filters;
};

static const struct opt prune_opts[] = {
	OPT_FLAG('a', "all", struct prune_args, all, "also images that have a name"),
	OPT_HARMLESS(0, "build", "builds leave no containers behind"),
	OPT_HARMLESS(0, "external", "there are no containers of other tools in the store"),
	OPT_LIST(0, "filter", "KEY=VALUE", struct prune_args, filters, COMPLETE_NONE,
		 "remove only some: label, label!, until"),
	OPT_FLAG('f', "force", struct prune_args, force, "do not ask"),
	OPT_FLAG(0, "volumes", struct prune_args, volumes,
		 "also volumes (docker: only those without a name)"),
	OPT_END,
};

static const char *const known[] = { "label", "label!", "until", NULL };

static int check(const struct prune_args *args, struct err *err)
{
	int r = filter_check(&args->filters, known, err);

	if (r == 0 && args->volumes && filter_value(&args->filters, "until"))
		return err_set(err, -EINVAL,
			       "the filter 'until' cannot be given with --volumes: a volume's age "
			       "says nothing about its contents");
	return r;
}

static char *warning(const struct app *app, const struct prune_args *args)
{
	AUTO(strv) struct strv lines = { 0 };

	strv_add(&lines, "WARNING! This will remove:");
	strv_add(&lines, "  - all stopped containers");
	strv_add(&lines, "  - all networks not used by at least one container");
	if (args->volumes)
		strv_addf(&lines, "  - all %svolumes not used by at least one container",
			  app_docker(app) ? "anonymous " : "");
	strv_add(&lines, args->all ? "  - all images without at least one container associated to "
				     "them"
				   : "  - all dangling images");
	for (size_t i = 0; i < args->filters.count; i++)
		strv_addf(&lines, "%s  - %s",
			  i ? "" : "\n  Items to be pruned will be filtered with:\n\n",
			  args->filters.items[i]);
	strv_add(&lines, "");
	return str_join(&lines, "\n");
}

static void print_images(struct app *app, const struct image_deleted *images)
{
	if (!images->deleted.count)
		return;
	if (app_docker(app)) {
		fprintf(app->out, "Deleted Images:\n");
		image_deleted_print(app, images, true);
		putc('\n', app->out);
		return;
	}
	fprintf(app->out, "Deleted Images\n");
	for (size_t i = 0; i < images->images.count; i++)
		fprintf(app->out, "%s\n", images->images.items[i]);
}

/* The cache of a build that is at work stays. */
static int prune_builds(struct app *app, struct buildpruned *out, struct err *err)
{
	static const struct buildprune_options options = { 0 };
	const int r = buildprune(app->engine, &options, out, err);

	if (r == -EBUSY)
		err_clear(err);
	return r == -EBUSY ? 0 : r;
}

static int prune_run(struct app *app, void *data, unused_arg const struct strv *words,
		     struct err *err)
{
	const struct prune_args *args = data;
	AUTO(pruned) struct pruned containers = { 0 };
	AUTO(pruned) struct pruned networks = { 0 };
	AUTO(pruned) struct pruned volumes = { 0 };
	AUTO(image_deleted) struct image_deleted images = { 0 };
	AUTO(buildpruned) struct buildpruned builds = { 0 };
	const char *colon = app_docker(app) ? ":" : "";

	int r = check(args, err);
	if (r < 0)
		return r;
	AUTO(mem) char *what = warning(app, args);
	if (!prune_agreed(app, args->force, what))
		return 0;
	r = prune_containers(app, &args->filters, &containers, err);
	AUTO(mem) char *title = str_fmt("Deleted Containers%s", colon);
	prune_print(app, title, &containers);
	if (r >= 0) {
		AUTO(mem) char *next = str_fmt("Deleted Networks%s", colon);
		r = prune_networks(app, &args->filters, &networks, err);
		prune_print(app, next, &networks);
	}
	if (r >= 0 && args->volumes) {
		AUTO(mem) char *next = str_fmt("Deleted Volumes%s", colon);
		r = prune_volumes(app, &args->filters, !app_docker(app), &volumes, err);
		prune_print(app, next, &volumes);
	}
	if (r >= 0) {
		r = prune_images(app, &args->filters, args->all, -1, &images, err);
		print_images(app, &images);
	}
	/* Steps have no labels, and are as old as their last use. */
	if (r >= 0 && !args->filters.count)
		r = prune_builds(app, &builds, err);
	prune_total(app, containers.bytes + volumes.bytes + images.bytes + builds.bytes);
	int status = max_of(containers.status, networks.status);
	return r < 0 ? r : max_of(status, volumes.status);
}

const struct command cmd_system_prune = {
	.name = "system prune",
	.group = GROUP_SYSTEM,
	.about = "remove all that nothing uses",
	.needs = NEED_STORE | NEED_USERNS,
	.opts = prune_opts,
	.args_size = sizeof(struct prune_args),
	.examples = "cubby system prune -f\ncubby system prune -a --volumes\n",
	.run = prune_run,
};
