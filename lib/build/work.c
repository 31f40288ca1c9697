/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * work - the process that builds one stage: its instructions, one after the other
 */
#include "build/work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "build/report.h"

enum { STATUS_WRONG = 1 };

/* ---- variables -------------------------------------------------------------------------------- */

/* An ENV hides an ARG of its name. */
static const char *lookup(const void *data, const char *name)
{
	const struct work *work = data;
	const char *value = strv_env_get(&work->sofar.config->config.env, name);

	return value ? value : strv_env_get(&work->args, name);
}

void work_env(const struct work *work, struct strv *out)
{
	for (size_t i = 0; i < work->args.count; i++) {
		const char *text = work->args.items[i];
		AUTO(mem) char *name = str_ndup(text, strcspn(text, "="));
		if (!strv_env_get(&work->sofar.config->config.env, name))
			strv_add(out, text);
	}
}

/* What the user gives comes before the default, and that before the global one. */
static void declare(struct work *work, const struct instruction_pair *pair)
{
	const struct strv *lists[] = { &work->stages->args, &work->options->platform_args };
	const char *value = strv_env_get(&work->options->args, pair->name);

	if (!value)
		value = pair->value;
	for (size_t i = 0; !value && i < array_len(lists); i++)
		value = strv_env_get(lists[i], pair->name);
	if (!value)
		return;
	AUTO(mem) char *text = str_fmt("%s=%s", pair->name, value);
	strv_env_set(&work->args, text);
}

/* ---- instructions ----------------------------------------------------------------------------- */

static const struct stage *stage_of(const struct work *work)
{
	return &work->stages->items[work->at];
}

static void tell(const struct work *work, enum report_kind kind, const char *text)
{
	const struct report report = { .kind = kind,
				       .number = work->number,
				       .of = work->of,
				       .line = work->line,
				       .text = (char *)text };

	report_send(work->sock, &report);
}

void work_tell_step(struct work *work, const char *text)
{
	work->number++;
	tell(work, REPORT_STEP, text);
}

/* Dates what has no layer as the last layer, so that a build that finds all in the cache gives the same image. */
static const char *last_created(const struct work *work)
{
	const struct image_histories *history = &work->sofar.config->history;

	for (size_t i = history->count; i > 0; i--)
		if (history->items[i - 1].created)
			return history->items[i - 1].created;
	return work->sofar.config->created;
}

static int change(struct work *work, const struct instruction *in, const char *text,
		  struct err *err)
{
	const int r = evolve_apply(work->sofar.config, &work->evolve, in, err);

	if (r < 0)
		return r;
	if (in->kind == KIND_WORKDIR)
		return step_folder(work, text, err);
	if (in->kind == KIND_VOLUME && work->options->compat_volumes)
		return step_volumes(work, &in->words, text, err);
	if (in->kind == KIND_ARG)
		for (size_t i = 0; i < in->pairs.count; i++)
			declare(work, &in->pairs.items[i]);
	AUTO(mem) char *created = str_dup(last_created(work));
	evolve_history(work->sofar.config, text, created, true);
	return 0;
}

static int perform(struct work *work, const struct dockerfile *file,
		   const struct dockerfile_line *line, struct err *err)
{
	AUTO(instruction) struct instruction in = { 0 };
	const struct expand_scope scope = { .lookup = lookup, .data = work };

	work->line = line->line;
	work->file = file;
	work->text = line->text;
	work_tell_step(work, line->text);
	int r = instruction_parse(file, line, &scope, 0, &in, err);
	if (r < 0)
		return r;
	if (in.kind == KIND_RUN)
		r = step_run(work, &in, line, err);
	else if (in.kind == KIND_COPY || in.kind == KIND_ADD)
		r = step_copy(work, &in, line, err);
	else
		r = change(work, &in, line->text, err);
	if (r == 0)
		later_begin(work);
	return r < 0 && !work->placed ? dockerfile_place(file, line->line, err) : r;
}

/* WORKDIR may have nothing to do, and then nothing would be gained. */
static bool is_step(enum kind kind)
{
	return kind == KIND_RUN || kind == KIND_COPY || kind == KIND_ADD;
}

static bool steps_follow(const struct dockerfile_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_step(lines[i].kind))
			return true;
	return false;
}

/* What the base wants to be done by who builds upon it. */
static int perform_triggers(struct work *work, struct err *err)
{
	struct strv triggers = work->sofar.config->config.on_build;
	AUTO(strv) struct strv owned = triggers;
	int r = 0;

	work->sofar.config->config.on_build = (struct strv){ 0 };
	for (size_t i = 0; r == 0 && i < triggers.count; i++) {
		AUTO(dockerfile) struct dockerfile *file = NULL;
		r = dockerfile_parse(triggers.items[i], strlen(triggers.items[i]), "ONBUILD", &file,
				     err);
		for (size_t k = 0; r == 0 && k < file->lines.count; k++)
			r = perform(work, file, &file->lines.items[k], err);
	}
	(void)owned;
	return r;
}

static bool built_anew(const struct work *work)
{
	const struct stage *stage = stage_of(work);

	return work->options->no_cache ||
	       (stage->name && strv_find(&work->options->no_cache_filter, stage->name) >= 0);
}

/* Before the first step of all: the stages that others wait for have it, too. Return: as step_scanner() */
static int have_scanner(struct work *work, struct err *err)
{
	if (!work->options->sbom.image || (!work->scans && stage_of(work)->needs.count))
		return 0;
	const int r = step_scanner(work, err);
	return r < 0 || work->scans ? r : 0;
}

static int build(struct work *work, struct err *err)
{
	const struct dockerfile *file = work->stages->file;
	const struct stage *stage = stage_of(work);
	const int scans = have_scanner(work, err);

	if (scans < 0)
		return scans;
	work->of = 1 + (int)stage->count + scans;
	work->number = 1;
	work->line = stage->line;
	work->anew = built_anew(work);
	tell(work, REPORT_STEP, file->lines.items[stage->from].text);
	int r = work_base(work, err);
	if (r < 0)
		return dockerfile_place(file, stage->line, err);
	work->of += (int)work->sofar.config->config.on_build.count;
	r = perform_triggers(work, err);
	for (size_t i = 0; r == 0 && i < stage->count; i++) {
		const struct dockerfile_line *line = &file->lines.items[stage->first + i];
		work->more = steps_follow(line + 1, stage->count - i - 1);
		r = perform(work, file, line, err);
	}
	if (r == 0)
		r = later_end(work, err);
	return r == 0 && work->scans ? step_scan(work, err) : r;
}

/* Who looks into it sees the variables that the failed instruction saw. */
static void set_variables(struct work *work)
{
	AUTO(strv) struct strv env = { 0 };

	work_env(work, &env);
	for (size_t i = 0; i < env.count; i++)
		strv_env_set(&work->sofar.config->config.env, env.items[i]);
}

/* What the step that failed has written comes on top. */
static bool add_left(struct work *work)
{
	const struct steplayer *left = &work->left;
	AUTO(mem) char *now = clock_rfc3339(clock_now());

	if (!left->key)
		return false;
	sofar_add_plain(&work->sofar, left->key, left->diff_id, left->tar_size);
	evolve_history(work->sofar.config, work->text, now, false);
	return true;
}

static void tell_end(struct work *work, int code, const struct err *err)
{
	struct report report = { .kind = code < 0 ? REPORT_FAILED : REPORT_END,
				 .number = work->number,
				 .of = work->of,
				 .line = work->line,
				 .code = code,
				 .status = work->status };

	if (code < 0) {
		report.text = err->text;
		report.hint = err->hint;
	}
	if (code < 0 && work->options->keep_failed && work->sofar.config)
		set_variables(work);
	if (code < 0)
		report.partial = add_left(work);
	if (code == 0 || work->options->keep_failed)
		report.sofar = work->sofar;
	report_send(work->sock, &report);
}

int work_stage(struct work *work)
{
	AUTO(err) struct err err = { 0 };
	const int r = build(work, &err);

	/* What was done stays done, also when the next step fails. */
	if (r < 0)
		(void)!later_end(work, NULL);
	if (work->hashes)
		hashes_save(work->hashes);
	tell_end(work, r, &err);
	return r;
}
