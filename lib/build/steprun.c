/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * steprun - RUN: a command in a box
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "build/box.h"
#include "build/input.h"
#include "build/report.h"
#include "build/runplan.h"
#include "build/work.h"
#include "engine/launch.h"
#include "oci/platform.h"

struct running {
	struct work *work;
	const struct instruction *in;
	struct runplan plan;
	int lock; /* of the box */
};

static void auto_running(struct running *r)
{
	runplan_clear(&r->plan);
	fd_close(r->lock);
}

/* What was told of a program that the kernel does not know, when it is another machine's. */
static void hint_foreign(const struct running *run, struct err *err)
{
	const struct platform *is = &run->work->sofar.config->platform;
	struct platform host = { 0 };

	platform_host(run->work->engine->host->machine, &host);
	if (!platform_rank(is, &host)) {
		AUTO(mem) char *text = platform_print(is);
		(void)err_hint(err,
			       "programs for %s run here once qemu-user is registered (package "
			       "qemu-user-static)",
			       text);
	}
	platform_clear(&host);
}

static int start(struct running *run, const struct container_config *config, struct err *err)
{
	const struct input *input = run->work->options->input;
	/* A monitor of several steps is given nothing but the step. */
	const struct launch_options options = { .attach = { .out = true, .errout = true },
						.input = input ? &input->ends[0] : NULL,
						.sandbox = input ? NULL : &run->work->sandbox };
	struct launch_result result;
	const int r = launch(run->work->engine, config, &options, &result, err);

	run->work->status = result.status;
	if (r == -ENOEXEC)
		hint_foreign(run, err);
	if (r < 0 || result.status == 0)
		return r;
	return err_set(err, -ECHILD, "the command ended with status %d", result.status);
}

static int perform(void *data, char **out_box, struct strv *out_mounted, struct err *err)
{
	struct running *run = data;
	AUTO(container_config) struct container_config *config = NULL;
	const struct create_step step = { .adjust = runplan_adjust, .data = &run->plan };
	struct create_args args = run->work->options->run;

	int r = runplan_prepare(&run->plan, err);
	runplan_args(&run->plan, &args);
	if (r == 0)
		r = box_make(run->work->engine, &run->work->sofar, &args, &step, &config,
			     &run->lock, err);
	if (r < 0)
		return r;
	*out_box = str_dup(config->id);
	report_send(run->work->sock, &(struct report){ .kind = REPORT_BOX, .text = config->id });
	r = start(run, config, err);
	strv_extend(out_mounted, &run->plan.mounted);
	for (size_t i = 0; i < config->mounts.count; i++) {
		const char *target = config->mounts.items[i].target;
		strv_add(out_mounted, target + strspn(target, "/"));
	}
	return r;
}

int step_run(struct work *work, const struct instruction *in, const struct dockerfile_line *line,
	     struct err *err)
{
	AUTO(running) struct running run = { .work = work, .in = in, .lock = -1 };
	AUTO(stepkey) struct stepkey key = { 0 };
	AUTO(mem) char *text = NULL;

	int r = runplan_make(work, in, &run.plan, err);
	if (r < 0)
		return r;
	text = runplan_text(&run.plan, line);
	const struct strv *volumes = &work->sofar.config->config.volumes;
	const struct step step = { .text = text,
				   .perform = perform,
				   .data = &run,
				   .undone = work->options->compat_volumes ? volumes : NULL };
	r = runplan_key(&run.plan, &key, err);
	return r < 0 ? r : step_do(work, &key, &step, err);
}
