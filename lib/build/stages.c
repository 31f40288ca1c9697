/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stages - the stages of a Dockerfile and what each one needs
 */
#include "build/stages.h"

#include <errno.h>
#include <strings.h>

#include "base/nearest.h"
#include "build/expand.h"
#include "build/instruction.h"

static const struct strv nothing;

/* Values that a global ARG or a FROM sees. */
struct seen {
	const struct strv *args, *platform;
};

static const char *look_up(const void *data, const char *name)
{
	const struct seen *seen = data;
	const char *value = strv_env_get(seen->args, name);

	return value ? value : strv_env_get(seen->platform, name);
}

static const struct strv *or_nothing(const struct strv *list)
{
	return list ? list : &nothing;
}

static int read_arg(const struct dockerfile_line *line, const struct stages_input *input,
		    const struct expand_scope *scope, struct stages *out, struct err *err)
{
	AUTO(instruction) struct instruction arg = { 0 };
	int r = instruction_parse(out->file, line, scope, INSTRUCTION_GLOBAL, &arg, err);

	for (size_t i = 0; r == 0 && i < arg.pairs.count; i++) {
		const struct instruction_pair *pair = &arg.pairs.items[i];
		const char *given = strv_env_get(or_nothing(input->build_args), pair->name);
		const char *value = given ? given : pair->value;
		strv_add(&out->declared, pair->name);
		if (!value)
			continue;
		AUTO(mem) char *assignment = str_fmt("%s=%s", pair->name, value);
		strv_env_set(&out->args, assignment);
	}
	return r;
}

/* The last stage below @end with a name; -1 when there is none. */
static ssize_t find_name(const struct stages *stages, size_t end, const char *name)
{
	for (size_t i = end; i > 0; i--)
		if (stages->items[i - 1].name && strcasecmp(stages->items[i - 1].name, name) == 0)
			return (ssize_t)i - 1;
	return -1;
}

static bool is_context(const struct stages_input *input, const char *name)
{
	const struct strv *contexts = or_nothing(input->contexts);

	for (size_t i = 0; i < contexts->count; i++)
		if (strcasecmp(contexts->items[i], name) == 0)
			return true;
	return false;
}

static void add_need(struct stage_needs *needs, size_t index)
{
	for (size_t i = 0; i < needs->count; i++)
		if (needs->items[i] == index)
			return;
	*vec_push(needs) = index;
}

/* A FROM that is wrong and asked for what is not set: that may be why. */
static void hint_undefined(const struct stages *stages, struct err *err)
{
	const char *name = stages->undefined.items[stages->undefined.count - 1];
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (size_t i = 0; i < stages->declared.count; i++)
		nearest_offer(&nearest, stages->declared.items[i]);
	if (strv_find(&stages->declared, name) >= 0)
		err_hint(err, "'%s' has no value: give it one with --build-arg %s=…", name, name);
	else if (nearest.best)
		err_hint(err, "no ARG before the first FROM declares '%s': did you mean '%s'?",
			 name, nearest.best);
	else
		err_hint(err, "no ARG before the first FROM declares '%s'", name);
}

static int read_from(const struct dockerfile_line *line, const struct stages_input *input,
		     const struct expand_scope *scope, struct stages *out, struct err *err)
{
	AUTO(instruction) struct instruction from = { 0 };
	int r = instruction_parse(out->file, line, scope, 0, &from, err);

	if (r < 0 && out->undefined.count)
		hint_undefined(out, err);
	if (r < 0)
		return r;
	struct stage *stage = vec_push(out);
	stage->name = take_ptr(from.from.name);
	stage->base = take_ptr(from.from.base);
	stage->platform = take_ptr(from.from.platform);
	stage->line = line->line;
	stage->from = (size_t)(line - out->file->lines.items);
	stage->first = stage->from + 1;
	stage->parent =
		is_context(input, stage->base) ? -1 : find_name(out, out->count - 1, stage->base);
	stage->scratch = stage->parent < 0 && str_eq(stage->base, "scratch");
	if (stage->parent >= 0)
		add_need(&stage->needs, (size_t)stage->parent);
	return 0;
}

static int read_line(const struct dockerfile_line *line, const struct stages_input *input,
		     const struct expand_scope *scope, struct stages *out, struct err *err)
{
	if (line->kind == KIND_FROM)
		return read_from(line, input, scope, out, err);
	if (out->count) {
		out->items[out->count - 1].count++;
		return 0;
	}
	if (line->kind == KIND_ARG)
		return read_arg(line, input, scope, out, err);
	return dockerfile_wrong(out->file, line->line, err, "%s stands before the first FROM",
				kind_name(line->kind));
}

ssize_t stages_named(const struct stages *stages, const char *name)
{
	ssize_t found = find_name(stages, stages->count, name);
	uint64_t number;

	if (found >= 0)
		return found;
	return stages->count && str_u64(name, stages->count - 1, &number) == 0 ? (ssize_t)number
									       : -1;
}

static void need_named(struct stages *stages, struct stage *stage, const struct stages_input *input,
		       const char *name)
{
	ssize_t found = name && !is_context(input, name) ? stages_named(stages, name) : -1;

	if (found >= 0)
		add_need(&stage->needs, (size_t)found);
}

static void find_needs(struct stages *stages, struct stage *stage, const struct stages_input *input)
{
	for (size_t i = 0; i < stage->count; i++) {
		const struct dockerfile_line *line = &stages->file->lines.items[stage->first + i];
		for (size_t j = 0; j < line->flags.count; j++) {
			const struct dockerfile_flag *flag = &line->flags.items[j];
			bool mount = line->kind == KIND_RUN && str_eq(flag->name, "mount");
			AUTO(mem)
			char *from = mount && flag->value ? runmount_from(flag->value) : NULL;
			if (from)
				need_named(stages, stage, input, from);
			else if (line->kind == KIND_COPY && str_eq(flag->name, "from"))
				need_named(stages, stage, input, flag->value);
		}
	}
}

int stages_find(const struct dockerfile *file, const struct stages_input *input, struct stages *out,
		struct err *err)
{
	struct seen seen = { &out->args, or_nothing(input->platform_args) };
	struct expand_scope scope = { .lookup = look_up, .data = &seen, .unset = &out->undefined };

	out->file = file;
	for (size_t i = 0; i < file->lines.count; i++) {
		int r = read_line(&file->lines.items[i], input, &scope, out, err);
		if (r < 0)
			return r;
	}
	if (!file->lines.count)
		return err_set(err, -EINVAL, "%s: there are no instructions", file->name);
	if (!out->count)
		return err_set(err, -EINVAL, "%s: there is no FROM", file->name);
	for (size_t i = 0; i < out->count; i++)
		find_needs(out, &out->items[i], input);
	return 0;
}

static int no_target(const struct stages *stages, const char *target, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	struct nearest nearest;

	nearest_begin(&nearest, target);
	for (size_t i = 0; i < stages->count; i++) {
		if (!stages->items[i].name)
			continue;
		nearest_offer(&nearest, stages->items[i].name);
		strv_add(&names, stages->items[i].name);
	}
	if (nearest.best)
		err_set(err, -ENOENT, "%s has no stage '%s': did you mean '%s'?",
			stages->file->name, target, nearest.best);
	else
		err_set(err, -ENOENT, "%s has no stage '%s'", stages->file->name, target);
	AUTO(mem) char *all = str_join(&names, ", ");
	err_hint(err, "its stages: %s%s0 to %zu", all, names.count ? "; by number " : "",
		 stages->count - 1);
	return -ENOENT;
}

int stages_target(const struct stages *stages, const char *target, size_t *out, struct err *err)
{
	ssize_t found = target ? stages_named(stages, target) : (ssize_t)stages->count - 1;

	if (found < 0)
		return no_target(stages, target, err);
	*out = (size_t)found;
	return 0;
}

enum mark { MARK_NEW, MARK_OPEN, MARK_DONE };

/*
 * A stage is open while what it needs is looked at: who needs an open one goes in a circle. Without recursion,
 * because ten thousand stages may stand in a row.
 */
struct visit {
	size_t stage, next;
};

struct visits {
	struct visit *items;
	size_t count;
};

static inline void auto_visits(struct visits *visits)
{
	free(visits->items);
}

static int circle(const struct stages *stages, size_t index, struct err *err)
{
	const struct stage *stage = &stages->items[index];
	AUTO(mem) char *number = str_fmt("%zu", index);

	int line;
	const char *file = dockerfile_where(stages->file, stage->line, &line);
	err_set(err, -ELOOP, "%s:%d: the stage '%s' needs itself", file, line,
		stage->name ? stage->name : number);
	return -ELOOP;
}

int stages_needed(const struct stages *stages, size_t target, struct stage_needs *out,
		  struct err *err)
{
	AUTO(mem) unsigned char *marks = mem_alloc(stages->count, 1);
	AUTO(visits) struct visits path = { 0 };
	AUTO(mem) size_t *order = mem_alloc(stages->count, sizeof *order);
	size_t done = 0;

	*vec_push(&path) = (struct visit){ target, 0 };
	while (path.count) {
		struct visit *visit = &path.items[path.count - 1];
		const struct stage_needs *needs = &stages->items[visit->stage].needs;
		marks[visit->stage] = MARK_OPEN;
		if (visit->next == needs->count) {
			marks[visit->stage] = MARK_DONE;
			order[done++] = visit->stage;
			path.count--;
			continue;
		}
		size_t next = needs->items[visit->next++];
		if (marks[next] == MARK_OPEN)
			return circle(stages, next, err);
		if (marks[next] == MARK_NEW)
			*vec_push(&path) = (struct visit){ next, 0 };
	}
	*out = (struct stage_needs){ take_ptr(order), done };
	return 0;
}

void stages_rebase(struct stages *stages, const char *image)
{
	struct stage *first = &stages->items[0];

	str_set(&first->base, image);
	first->scratch = str_eq(image, "scratch");
}

void stages_need_all(struct stages *stages, size_t target)
{
	for (size_t i = 0; i < target; i++)
		add_need(&stages->items[target].needs, i);
}

void stages_clear(struct stages *stages)
{
	for (size_t i = 0; i < stages->count; i++) {
		struct stage *stage = &stages->items[i];
		free(stage->name);
		free(stage->base);
		free(stage->platform);
		free(stage->needs.items);
	}
	free(stages->items);
	strv_clear(&stages->args);
	strv_clear(&stages->declared);
	strv_clear(&stages->undefined);
	*stages = (struct stages){ 0 };
}
