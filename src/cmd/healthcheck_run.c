/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * healthcheck_run - check a container's health now
 */
#include <errno.h>

#include "cli/command.h"
#include "engine/container.h"
#include "engine/running.h"
#include "store/record.h"

struct healthcheck_args {
	bool ignore_result;
};

static const struct opt healthcheck_opts[] = {
	OPT_FLAG(0, "ignore-result", struct healthcheck_args, ignore_result,
		 "succeed whatever the check finds"),
	OPT_END,
};

static int healthcheck_run(struct app *app, void *data, const struct strv *words, struct err *err)
{
	const struct healthcheck_args *args = data;
	AUTO(container_state) struct container_state *state = NULL;
	AUTO(mem) char *id = NULL;

	int r = container_find(app->engine, words->items[0], &id, err);
	if (r >= 0)
		r = running_check_health(app->engine, id, err);
	if (r <= 0)
		return r;
	r = record_state_load(app->engine->store, id, &state, err);
	if (r < 0)
		return r;
	fprintf(app->out, "%s\n", str_or(state->health, "unhealthy"));
	return !args->ignore_result;
}

const struct command cmd_healthcheck_run = {
	.name = "healthcheck run",
	.group = GROUP_CONTAINER,
	.about = "check a container's health now",
	.text = "Ends with 0 when the check succeeds, else with 1, and then prints the health. The result "
		"counts as that of any other check.",
	.args = "CONTAINER",
	.complete = COMPLETE_CONTAINERS,
	.needs = NEED_STORE,
	.opts = healthcheck_opts,
	.args_size = sizeof(struct healthcheck_args),
	.examples = "cubby healthcheck run db\n",
	.run = healthcheck_run,
};
