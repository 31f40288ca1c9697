/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outline - what a target of a Dockerfile can be given: arguments, secrets, agents
 */
#include "build/outline.h"

#include <stdlib.h>

#include "base/mem.h"
#include "build/instruction.h"

struct outliner {
	const struct stages *stages;
	const struct stages_input *input;
	struct strv *known; /* of each stage, at its end once it was looked at: NAME=VALUE */
	struct outline *out;
};

static void auto_outliner(struct outliner *o)
{
	for (size_t i = 0; o->known && i < o->stages->count; i++)
		strv_clear(&o->known[i]);
	free(o->known);
}

static const char *value_in(const struct strv *list, const char *name)
{
	return list ? strv_env_get(list, name) : NULL;
}

/* ---- arguments -------------------------------------------------------------------------------- */

static struct outline_arg *find_arg(struct outliner *o, const char *name)
{
	for (size_t i = 0; i < o->out->args.count; i++)
		if (str_eq(o->out->args.items[i].name, name))
			return &o->out->args.items[i];
	return NULL;
}

static struct outline_arg *have_arg(struct outliner *o, const char *name,
				    const struct dockerfile_line *line)
{
	struct outline_arg *arg = find_arg(o, name);
	const char *description = dockerfile_description(line, name);

	if (!arg) {
		arg = vec_push(&o->out->args);
		*arg = (struct outline_arg){ .name = str_dup(name), .line = line };
	}
	if (!arg->description)
		arg->description = str_dup(description);
	return arg;
}

static int add_globals(struct outliner *o, struct err *err)
{
	const struct stages *stages = o->stages;
	const struct expand_scope scope = { .lookup = expand_env, .data = &stages->args };
	int r = 0;

	for (size_t i = 0; r == 0 && i < stages->items[0].from; i++) {
		const struct dockerfile_line *line = &stages->file->lines.items[i];
		AUTO(instruction) struct instruction in = { 0 };
		r = instruction_parse(stages->file, line, &scope, INSTRUCTION_GLOBAL, &in, err);
		for (size_t k = 0; r == 0 && k < in.pairs.count; k++) {
			struct outline_arg *arg = have_arg(o, in.pairs.items[k].name, line);
			str_set(&arg->value, value_in(&stages->args, arg->name));
		}
	}
	return r;
}

static int use_globals(struct outliner *o, const struct stage *stage, struct err *err)
{
	const struct dockerfile_line *from = &o->stages->file->lines.items[stage->from];
	const struct dockerfile_flag *platform = dockerfile_flag(from, "platform");
	AUTO(strv) struct strv names = { 0 };
	const struct expand_scope scope = { .lookup = expand_env,
					    .data = &o->stages->args,
					    .escape = o->stages->file->escape,
					    .used = &names,
					    .unset = &names };
	AUTO(mem) char *base = NULL;
	AUTO(mem) char *of = NULL;

	int r = expand_word(&scope, from->words.items[0], &base, err);
	if (r == 0 && platform && platform->value)
		r = expand_word(&scope, platform->value, &of, err);
	for (size_t i = 0; i < names.count; i++) {
		struct outline_arg *arg = find_arg(o, names.items[i]);
		if (arg)
			arg->used = true;
	}
	return r;
}

/* What the user gives comes before the default, and that before the global one. */
static void declare(struct outliner *o, struct strv *known, const struct dockerfile_line *line,
		    const struct instruction_pair *pair)
{
	const char *value = value_in(o->input->build_args, pair->name);
	struct outline_arg *arg = have_arg(o, pair->name, line);

	if (!value)
		value = pair->value;
	if (!value)
		value = value_in(&o->stages->args, pair->name);
	if (!value)
		value = value_in(o->input->platform_args, pair->name);
	arg->used = true;
	if (!value)
		return;
	if (!arg->value)
		arg->value = str_dup(value);
	AUTO(mem) char *text = str_fmt("%s=%s", pair->name, value);
	strv_env_set(known, text);
}

/* ---- mounts ----------------------------------------------------------------------------------- */

static void add_mount(struct outliner *o, const struct runmount *mount,
		      const struct dockerfile_line *line)
{
	struct outline_mount *same = NULL;

	if (mount->type == RUNMOUNT_BIND || mount->type == RUNMOUNT_TMPFS)
		return;
	for (size_t i = 0; i < o->out->mounts.count; i++)
		if (o->out->mounts.items[i].type == mount->type &&
		    str_eq(o->out->mounts.items[i].id, mount->id))
			same = &o->out->mounts.items[i];
	if (!same) {
		same = vec_push(&o->out->mounts);
		*same = (struct outline_mount){ .type = mount->type,
						.id = str_dup(mount->id),
						.line = line };
	}
	same->required |= mount->required;
}

/* ---- stages ----------------------------------------------------------------------------------- */

static int add_line(struct outliner *o, struct strv *known, const struct dockerfile_line *line,
		    struct err *err)
{
	AUTO(instruction) struct instruction in = { 0 };
	const struct expand_scope scope = { .lookup = expand_env, .data = known };
	const int r = instruction_parse(o->stages->file, line, &scope, 0, &in, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < in.run.mounts.count; i++)
		add_mount(o, &in.run.mounts.items[i], line);
	for (size_t i = 0; line->kind == KIND_ARG && i < in.pairs.count; i++)
		declare(o, known, line, &in.pairs.items[i]);
	for (size_t i = 0; line->kind == KIND_ENV && i < in.pairs.count; i++) {
		AUTO(mem)
		char *text = str_fmt("%s=%s", in.pairs.items[i].name, in.pairs.items[i].value);
		strv_env_set(known, text);
	}
	return 0;
}

static int add_stage(struct outliner *o, size_t at, struct err *err)
{
	const struct stage *stage = &o->stages->items[at];
	const struct dockerfile_line *lines = o->stages->file->lines.items;
	int r = use_globals(o, stage, err);

	if (stage->parent >= 0)
		strv_extend(&o->known[at], &o->known[stage->parent]);
	for (size_t i = 0; r == 0 && i < stage->count; i++)
		r = add_line(o, &o->known[at], &lines[stage->first + i], err);
	return r;
}

static void drop_unused(struct outline *out)
{
	size_t kept = 0;

	for (size_t i = 0; i < out->args.count; i++) {
		struct outline_arg *arg = &out->args.items[i];
		if (arg->used) {
			out->args.items[kept++] = *arg;
			continue;
		}
		free(arg->name);
		free(arg->value);
		free(arg->description);
	}
	out->args.count = kept;
}

int outline_find(const struct stages *stages, const struct stages_input *input, size_t target,
		 struct outline *out, struct err *err)
{
	AUTO(outliner)
	struct outliner o = { .stages = stages,
			      .input = input,
			      .known = mem_alloc(stages->count, sizeof *o.known),
			      .out = out };
	struct stage_needs needed = { 0 };

	int r = stages_needed(stages, target, &needed, err);
	AUTO(mem) size_t *items = needed.items;
	if (r == 0)
		r = add_globals(&o, err);
	/* What a stage is built upon stands before it. */
	for (size_t at = 0; r == 0 && at < stages->count; at++) {
		bool is_needed = false;
		for (size_t i = 0; i < needed.count; i++)
			is_needed |= items[i] == at;
		if (is_needed)
			r = add_stage(&o, at, err);
	}
	drop_unused(out);
	return r;
}

void outline_clear(struct outline *outline)
{
	for (size_t i = 0; i < outline->args.count; i++) {
		free(outline->args.items[i].name);
		free(outline->args.items[i].value);
		free(outline->args.items[i].description);
	}
	for (size_t i = 0; i < outline->mounts.count; i++)
		free(outline->mounts.items[i].id);
	free(outline->args.items);
	free(outline->mounts.items);
	*outline = (struct outline){ 0 };
}
