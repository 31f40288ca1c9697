/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * system_check - tell whether the store is in order, and mend it
 */
#include "cli/command.h"
#include "engine/check.h"

enum { STATUS_DAMAGED = 1 };

struct check_args {
	bool force;
	int64_t max;
	bool quick;
	bool repair;
};

static const struct opt check_opts[] = {
	OPT_FLAG('q', "quick", struct check_args, quick, "do not hash the blobs"),
	OPT_FLAG('r', "repair", struct check_args, repair,
		 "drop what is damaged or of no use, and mend the rest; containers' files stay"),
	OPT_FLAG('f', "force", struct check_args, force,
		 "with --repair: remove containers whose record is damaged"),
	OPT_DURATION('m', "max", "DURATION", struct check_args, max,
		     "pass over what nobody needs while it is younger (default 0)"),
	OPT_END,
};

static int check_run(struct app *app, void *data, unused_arg const struct strv *words,
		     struct err *err)
{
	const struct check_args *args = data;
	const struct check_options options = {
		.flags = (args->quick ? CHECK_QUICK : 0u) | (args->repair ? CHECK_REPAIR : 0u) |
			 (args->force ? CHECK_FORCE : 0u),
		.max_age = args->max,
	};
	AUTO(check_report) struct check_report report = { 0 };
	size_t left = 0, spare = 0;
	int r = check_store(app->engine, &options, &report, err);

	for (size_t i = 0; i < report.count; i++) {
		const struct check_item *item = &report.items[i];
		fprintf(app->out, "%s: %s%s\n", item->what, item->text,
			item->mended ? " (mended)" : "");
		left += !item->mended && !item->spare;
		spare += !item->mended && item->spare;
	}
	if (r < 0)
		return r;
	if (spare == report.count)
		fprintf(app->out, "the store is in order\n");
	if (spare > 0)
		fprintf(app->out, "what nobody needs goes with: cubby image prune\n");
	return left > 0 ? STATUS_DAMAGED : 0;
}

const struct command cmd_system_check = {
	.name = "system check",
	.group = GROUP_SYSTEM,
	.about = "tell whether the store is in order, and mend it",
	.needs = NEED_STORE | NEED_USERNS,
	.opts = check_opts,
	.args_size = sizeof(struct check_args),
	.examples = "cubby system check\ncubby system check --repair\n",
	.run = check_run,
};
