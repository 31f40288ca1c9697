/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * builder - what builds keep to be faster the next time
 */
#include <errno.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cmd/prune.h"
#include "engine/buildprune.h"

struct prune_args {
	bool all;
	bool force;
	uint64_t keep;
	struct strv filters;
};

#define A struct prune_args
static const struct opt builder_prune_opts[] = {
	OPT_FLAG('a', "all", A, all, "also the folders of RUN --mount=type=cache"),
	OPT_FLAG('f', "force", A, force, "do not ask"),
	OPT_SIZE(0, "keep-storage", "SIZE", A, keep,
		 "keep so much, of what was used last (10g); the same as --max-used-space"),
	OPT_ALIAS(0, "max-used-space", "keep-storage"),
	OPT_LIST(0, "filter", "KEY=VALUE", A, filters, COMPLETE_NONE,
		 "remove only what was not used since a time: until=24h"),
	OPT_END,
};
#undef A

/* Return: the time before which the last use must be; 0 for any. */
static int read_until(const struct strv *filters, int64_t *out, struct err *err)
{
	for (size_t i = 0; i < filters->count; i++) {
		const char *text = filters->items[i];
		const char *value = str_starts(text, "until=");
		if (!value)
			value = str_starts(text, "unused-for=");
		if (!value) {
			(void)err_set(err, -EINVAL,
				      "--filter: there is no filter '%s' of the build "
				      "cache",
				      text);
			return err_hint(err, "until=TIME is one, for example until=24h");
		}
		if (clock_parse(value, clock_now(), out) < 0)
			return err_set(err, -EINVAL, "--filter: '%s' is no time", value);
	}
	return 0;
}

static int prune_run(struct app *app, void *data, unused_arg const struct strv *words,
		     struct err *err)
{
	const struct prune_args *args = data;
	AUTO(buildpruned) struct buildpruned gone = { 0 };
	struct buildprune_options options = { .keep_bytes = (int64_t)args->keep,
					      .mounts = args->all };

	int r = read_until(&args->filters, &options.before, err);
	if (r < 0)
		return r;
	if (!prune_agreed(app, args->force, "WARNING! This will remove the build cache."))
		return 0;
	r = buildprune(app->engine, &options, &gone, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < gone.keys.count; i++)
		fprintf(app->out, "%.12s\n", gone.keys.items[i]);
	prune_total(app, gone.bytes);
	return 0;
}

const struct command cmd_builder_prune = {
	.name = "builder prune",
	.group = GROUP_IMAGE,
	.about = "remove the build cache",
	.text = "Layers that images or containers use stay. Nothing is removed while a build is at work.",
	.needs = NEED_STORE | NEED_USERNS,
	.opts = builder_prune_opts,
	.args_size = sizeof(struct prune_args),
	.examples = "cubby builder prune -f\ncubby builder prune -f --keep-storage 10g\n",
	.run = prune_run,
};
