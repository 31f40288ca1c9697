/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * builder - what builds keep to be faster the next time
 */
#include <errno.h>

#include "base/clock.h"
#include "base/harmless.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cmd/globals.h"
#include "cmd/prune.h"
#include "engine/buildprune.h"

struct prune_args {
	bool all;
	bool force;
	bool verbose;
	uint64_t keep;
	uint64_t reserved;
	uint64_t free;
	struct strv filters;
};

#define A struct prune_args
static const struct opt builder_prune_opts[] = {
	OPT_FLAG('a', "all", A, all, "also the folders of RUN --mount=type=cache"),
	OPT_FLAG('f', "force", A, force, "do not ask"),
	OPT_SIZE(0, "keep-storage", "SIZE", A, keep,
		 "keep no more than SIZE, of what was used last (10g)"),
	OPT_ALIAS(0, "max-used-space", "keep-storage"),
	OPT_ALIAS(0, "build-cache", "all"),
	OPT_SIZE(0, "reserved-space", "SIZE", A, reserved,
		 "never remove what the cache needs up to SIZE"),
	OPT_SIZE(0, "min-free-space", "SIZE", A, free,
		 "remove no more than it takes to have SIZE free on the disk of the store"),
	OPT_LIST(0, "filter", "KEY=VALUE", A, filters, COMPLETE_NONE,
		 "remove only what was not used since a time: until=24h"),
	OPT_FLAG(0, "verbose", A, verbose,
		 "say of each step that is removed what it was, its size and its last use"),
	OPT_HARMLESS(0, "external", "there are no containers of other tools in the store"),
	OPT_HARMLESS_VALUE(0, "timeout", "TIME",
			   "there is no builder that would be waited for: the cache is here"),
	OPT_SWITCH(0, "debug", globals_debug, "write what happens to stderr"),
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

static int64_t size_of(uint64_t size)
{
	return (int64_t)min_of(size, (uint64_t)INT64_MAX);
}

static void print_step(struct app *app, const struct buildpruned_step *step)
{
	AUTO(mem) char *what = harmless(str_or(step->text, ""));
	AUTO(mem) char *used = clock_rfc3339(step->used);
	AUTO(mem) char *size = str_decimal(step->bytes, "");

	fprintf(app->out,
		"ID:\t\t%.12s\nDescription:\t%s\nCreated at:\t%s\nLast used:\t%s\nSize:\t\t%s\n\n",
		step->key, what, str_or(step->created, ""), used, size);
}

static void print(struct app *app, const struct prune_args *args, const struct buildpruned *gone)
{
	for (size_t i = 0; i < gone->count; i++) {
		if (args->verbose)
			print_step(app, &gone->items[i]);
		else
			fprintf(app->out, "%.12s\n", gone->items[i].key);
	}
	prune_total(app, gone->bytes);
}

static int prune_run(struct app *app, void *data, unused_arg const struct strv *words,
		     struct err *err)
{
	const struct prune_args *args = data;
	AUTO(buildpruned) struct buildpruned gone = { 0 };
	struct buildprune_options options = { .keep_bytes = size_of(args->keep),
					      .reserved_bytes = size_of(args->reserved),
					      .free_bytes = size_of(args->free),
					      .mounts = args->all };

	int r = read_until(&args->filters, &options.before, err);
	if (r < 0)
		return r;
	if (!prune_agreed(app, args->force, "WARNING! This will remove the build cache."))
		return 0;
	r = buildprune(app->engine, &options, &gone, err);
	if (r == 0)
		print(app, args, &gone);
	return r;
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
