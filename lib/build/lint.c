/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lint - what in a Dockerfile is allowed, and likely not meant
 */
#include "build/lint.h"

#include <ctype.h>
#include <stdarg.h>
#include <strings.h>

#include "base/nearest.h"
#include "build/expand.h"
#include "build/glob.h"
#include "build/instruction.h"
#include "oci/reference.h"

/* What holds at a place of a stage; a stage that is built upon it begins with it. */
struct known {
	struct strv env;  /* NAME=VALUE */
	bool image;	  /* env holds all that the image has */
	bool workdir_set; /* to an absolute path */
	bool shell_set;
};

struct linter {
	const struct stages *stages;
	const struct lint_input *input;
	const struct lint_settings *settings;
	struct lint_findings *out;
	struct known *known;  /* of each stage, at its end once it was looked at */
	int last[KIND_COUNT]; /* line of the last of a kind in the stage */
};

static void find(struct linter *linter, enum lint_rule rule, int line, const char *fmt, ...)
	printf_like(4, 5);

static void find(struct linter *linter, enum lint_rule rule, int line, const char *fmt, ...)
{
	va_list args;

	if (!lint_rule_counts(linter->settings, rule))
		return;
	va_start(args, fmt);
	*vec_push(linter->out) = (struct lint_finding){ rule, line, str_vfmt(fmt, args) };
	va_end(args);
}

enum casing { CASING_MIXED, CASING_LOWER, CASING_UPPER };

static enum casing casing(const char *word)
{
	bool lower = false, upper = false;

	for (; *word; word++) {
		lower |= islower((unsigned char)*word) != 0;
		upper |= isupper((unsigned char)*word) != 0;
	}
	return lower && upper ? CASING_MIXED : upper ? CASING_UPPER : CASING_LOWER;
}

static void check_casing(struct linter *linter)
{
	const struct dockerfile_lines *lines = &linter->stages->file->lines;
	size_t lower = 0, upper = 0;

	for (size_t i = 0; i < lines->count; i++) {
		enum casing is = casing(lines->items[i].keyword);
		lower += is == CASING_LOWER;
		upper += is == CASING_UPPER;
	}
	for (size_t i = 0; i < lines->count; i++)
		if (casing(lines->items[i].keyword) !=
		    (lower > upper ? CASING_LOWER : CASING_UPPER))
			find(linter, LINT_CONSISTENT_INSTRUCTION_CASING, lines->items[i].line,
			     "'%s' should be in %s case as most instructions are",
			     lines->items[i].keyword, lower > upper ? "lower" : "upper");
}

static void check_description(struct linter *linter, const struct dockerfile_line *line,
			      const char *name)
{
	if (line->comments.count && !dockerfile_description(line, name))
		find(linter, LINT_INVALID_DEFINITION_DESCRIPTION, line->line,
		     "the comment above should be '# %s …', or be set off by an empty line", name);
}

static void check_name(struct linter *linter, size_t index, const struct dockerfile_line *line)
{
	const struct stage *stages = linter->stages->items;
	const char *written = line->words.items[2], *as = line->words.items[1];
	enum casing from = casing(line->keyword);

	if (casing(written) != CASING_LOWER)
		find(linter, LINT_STAGE_NAME_CASING, line->line,
		     "the stage '%s' should be in lower case", written);
	if (from != CASING_MIXED && casing(as) != from)
		find(linter, LINT_FROM_AS_CASING, line->line, "'%s' and '%s' differ in case",
		     line->keyword, as);
	if (str_eq(stages[index].name, "scratch") || str_eq(stages[index].name, "context"))
		find(linter, LINT_RESERVED_STAGE_NAME, line->line,
		     "the stage '%s' has a name with a meaning of its own", written);
	for (size_t i = 0; i < index; i++) {
		if (!str_eq(stages[i].name, stages[index].name))
			continue;
		find(linter, LINT_DUPLICATE_STAGE_NAME, line->line,
		     "there is a stage '%s' in line %d already", written, stages[i].line);
		break;
	}
	check_description(linter, line, stages[index].name);
}

/* The architecture of a platform, which the name of a stage may hold to say that it is meant. */
static bool names_platform(const struct stage *stage, const char *platform)
{
	AUTO(strv) struct strv parts = { 0 };

	strv_split(&parts, platform, '/');
	for (size_t i = 0; stage->name && i < parts.count; i++)
		if (*parts.items[i] && strcasestr(stage->name, parts.items[i]))
			return true;
	return false;
}

static void check_platform(struct linter *linter, const struct stage *stage,
			   const struct dockerfile_line *line)
{
	const struct dockerfile_flag *flag = dockerfile_flag(line, "platform");
	const char *platform = flag ? str_or(flag->value, "") : "";

	if (str_eq(platform, "$TARGETPLATFORM") || str_eq(platform, "${TARGETPLATFORM}"))
		find(linter, LINT_REDUNDANT_TARGET_PLATFORM, line->line,
		     "'%s' is the platform of a stage anyway", platform);
	else if (*platform && !strchr(platform, '$') && !names_platform(stage, platform))
		find(linter, LINT_FROM_PLATFORM_FLAG_CONST_DISALLOWED, line->line,
		     "--platform=%s is always the same platform", platform);
}

static void check_image(struct linter *linter, const struct stage *stage, int line)
{
	const struct lint_input *input = linter->input;
	AUTO(mem) char *is = NULL;
	AUTO(mem) char *wanted = NULL;

	if (stage->parent < 0 && !stage->scratch && input->image_misfits &&
	    input->image_misfits(input->data, stage, &is, &wanted))
		find(linter, LINT_INVALID_BASE_IMAGE_PLATFORM, line,
		     "the image '%s' is for %s, and what is built for %s", stage->base, is, wanted);
}

static const char *near_name(const struct strv *names, const char *typed)
{
	struct nearest nearest;

	nearest_begin(&nearest, typed);
	for (size_t i = 0; i < names->count; i++)
		nearest_offer(&nearest, names->items[i]);
	return nearest.best;
}

static bool is_platform_arg(const struct linter *linter, const char *name)
{
	const struct stages_input *input = linter->input->stages;

	return input && input->platform_args && strv_env_get(input->platform_args, name);
}

/* Variables of a FROM: those that no ARG declares, and an image that is none without --build-arg. */
static void check_from_args(struct linter *linter, const struct stages *defaults, size_t index,
			    const struct dockerfile_line *line)
{
	AUTO(strv) struct strv unset = { 0 };
	struct expand_scope scope = { .lookup = expand_env,
				      .data = &defaults->args,
				      .unset = &unset };
	AUTO(mem) char *base = NULL, *platform = NULL;
	const struct dockerfile_flag *flag = dockerfile_flag(line, "platform");
	AUTO(reference) struct reference ref = { 0 };

	scope.escape = linter->stages->file->escape;
	if (expand_word(&scope, line->words.items[0], &base, NULL) < 0 ||
	    (flag && flag->value && expand_word(&scope, flag->value, &platform, NULL) < 0))
		return;
	for (size_t i = 0; i < unset.count; i++) {
		const char *name = unset.items[i], *near = near_name(&defaults->declared, name);
		if (strv_find(&defaults->declared, name) >= 0 || is_platform_arg(linter, name))
			continue;
		find(linter, LINT_UNDEFINED_ARG_IN_FROM, line->line, "no ARG declares '%s'%s%s%s",
		     name, near ? ": did you mean " : "", str_or(near, ""), near ? "?" : "");
	}
	if (strchr(line->words.items[0], '$') && linter->stages->items[index].parent < 0 &&
	    reference_parse(base, &ref, NULL) < 0)
		find(linter, LINT_INVALID_DEFAULT_ARG_IN_FROM, line->line,
		     "'%s' is no image unless an argument is given", line->words.items[0]);
}

/* Global ARGs as they are without --build-arg. */
static void find_defaults(const struct linter *linter, struct stages *out)
{
	struct stages_input plain = { 0 };

	if (linter->input->stages)
		plain.platform_args = linter->input->stages->platform_args;
	/* A FROM that fails for want of an argument comes behind all global ARGs. */
	(void)!stages_find(linter->stages->file, &plain, out, NULL);
}

static bool has_part(const char *name, const char *part)
{
	size_t n = strlen(part);

	for (const char *p = name; (p = strcasestr(p, part)); p++)
		if ((p == name || p[-1] == '_') && (!p[n] || p[n] == '_'))
			return true;
	return false;
}

static bool is_secret(const char *name)
{
	static const char *const parts[] = { "apikey", "auth",	 "credential", "credentials",
					     "key",    "pass",	 "passwd",     "password",
					     "pword",  "secret", "token" };

	for (size_t i = 0; i < array_len(parts); i++)
		if (has_part(name, parts[i]))
			return !has_part(name, "public");
	return false;
}

static void check_pairs(struct linter *linter, const struct dockerfile_line *line,
			const struct instruction *got)
{
	if (got->legacy)
		find(linter, LINT_LEGACY_KEY_VALUE_FORMAT, line->line,
		     "%s NAME=VALUE should stand instead of NAME VALUE", kind_name(line->kind));
	for (size_t i = 0; line->kind != KIND_LABEL && i < got->pairs.count; i++) {
		if (is_secret(got->pairs.items[i].name))
			find(linter, LINT_SECRETS_USED_IN_ARG_OR_ENV, line->line,
			     "%s '%s' seems to be a secret, and stays in the image",
			     kind_name(line->kind), got->pairs.items[i].name);
		if (line->kind == KIND_ARG && got->pairs.count == 1)
			check_description(linter, line, got->pairs.items[i].name);
	}
}

static void check_ports(struct linter *linter, const struct dockerfile_line *line)
{
	for (size_t i = 0; i < line->words.count; i++) {
		const char *word = line->words.items[i], *slash = strchr(word, '/');
		if (strchr(word, '$'))
			continue;
		if (slash && casing(slash) != CASING_LOWER)
			find(linter, LINT_EXPOSE_PROTO_CASING, line->line,
			     "the protocol of '%s' should be in lower case", word);
		if (strchr(word, ':'))
			find(linter, LINT_EXPOSE_INVALID_FORMAT, line->line,
			     "'%s' names an address or a port of the host, which EXPOSE does not set",
			     word);
	}
}

static void check_sources(struct linter *linter, const struct dockerfile_line *line,
			  const struct instruction_copy *copy)
{
	if (copy->from || !linter->input->ignored)
		return;
	for (size_t i = 0; i < copy->sources.count; i++) {
		const char *source = copy->sources.items[i];
		AUTO(mem) char *clean = pattern_clean(source);
		const char *path = clean + (*clean == '/');
		if (strstr(source, "://") || glob_magic(source) ||
		    !patterns_exclude(linter->input->ignored, path))
			continue;
		find(linter, LINT_COPY_IGNORED_FILE, line->line,
		     "%s cannot find '%s': the ignore file keeps it out", kind_name(line->kind),
		     source);
	}
}

/* Of some kinds only the last in a stage counts. */
static void check_once(struct linter *linter, const struct dockerfile_line *line)
{
	if (linter->last[line->kind])
		find(linter, LINT_MULTIPLE_INSTRUCTIONS_DISALLOWED, linter->last[line->kind],
		     "this %s does not count: another one follows in line %d",
		     kind_name(line->kind), line->line);
	linter->last[line->kind] = line->line;
}

static void check_kind(struct linter *linter, struct known *known,
		       const struct dockerfile_line *line, const struct instruction *got)
{
	switch (line->kind) {
	case KIND_CMD:
	case KIND_ENTRYPOINT:
		if (got->command.shell && !known->shell_set)
			find(linter, LINT_JSON_ARGS_RECOMMENDED, line->line,
			     "%s as a list, [\"…\"], receives signals itself",
			     kind_name(line->kind));
		check_once(linter, line);
		break;
	case KIND_HEALTHCHECK:
		check_once(linter, line);
		break;
	case KIND_MAINTAINER:
		find(linter, LINT_MAINTAINER_DEPRECATED, line->line,
		     "a LABEL should stand instead of MAINTAINER");
		break;
	case KIND_ENV:
	case KIND_ARG:
	case KIND_LABEL:
		check_pairs(linter, line, got);
		break;
	case KIND_EXPOSE:
		check_ports(linter, line);
		break;
	case KIND_COPY:
	case KIND_ADD:
		check_sources(linter, line, &got->copy);
		break;
	case KIND_WORKDIR:
		if (*got->text != '/' && !known->workdir_set)
			find(linter, LINT_WORKDIR_RELATIVE_PATH, line->line,
			     "'%s' depends on the WORKDIR of the image", got->text);
		known->workdir_set |= *got->text == '/';
		break;
	case KIND_SHELL:
		known->shell_set = true;
		break;
	default:
		break;
	}
}

/* Values are of no interest here, names are. */
static void remember(const struct linter *linter, struct known *known,
		     const struct instruction *got)
{
	for (size_t i = 0; i < got->pairs.count; i++) {
		const struct instruction_pair *pair = &got->pairs.items[i];
		const char *value = pair->value ? pair->value
						: strv_env_get(&linter->stages->args, pair->name);
		AUTO(mem) char *assignment = str_fmt("%s=%s", pair->name, str_or(value, ""));
		strv_env_set(&known->env, assignment);
	}
}

static void check_variables(struct linter *linter, const struct known *known, int line,
			    const struct strv *unset)
{
	AUTO(strv) struct strv names = { 0 };

	if (!known->image || !unset->count)
		return;
	for (size_t i = 0; i < known->env.count; i++) {
		const char *item = known->env.items[i];
		strv_take(&names, str_ndup(item, strcspn(item, "=")));
	}
	for (size_t i = 0; i < unset->count; i++) {
		const char *near = near_name(&names, unset->items[i]);
		find(linter, LINT_UNDEFINED_VAR, line, "the variable '$%s' is not defined%s%s%s",
		     unset->items[i], near ? ": did you mean $" : "", str_or(near, ""),
		     near ? "?" : "");
	}
}

static void check_line(struct linter *linter, struct known *known,
		       const struct dockerfile_line *line)
{
	AUTO(strv) struct strv unset = { 0 };
	struct expand_scope scope = { .lookup = expand_env, .data = &known->env, .unset = &unset };
	AUTO(instruction) struct instruction got = { 0 };

	/* What cannot be read is told when it is built. */
	if (instruction_parse(linter->stages->file, line, &scope, 0, &got, NULL) < 0)
		return;
	check_variables(linter, known, line->line, &unset);
	check_kind(linter, known, line, &got);
	if (line->kind == KIND_ENV || line->kind == KIND_ARG)
		remember(linter, known, &got);
}

static void begin_stage(struct linter *linter, const struct stage *stage, struct known *known)
{
	const struct strv *env = NULL;

	if (stage->parent >= 0) {
		const struct known *parent = &linter->known[stage->parent];
		strv_extend(&known->env, &parent->env);
		known->image = parent->image;
		known->workdir_set = parent->workdir_set;
		known->shell_set = parent->shell_set;
		return;
	}
	if (!stage->scratch && linter->input->image_env)
		env = linter->input->image_env(linter->input->data, stage);
	known->image = stage->scratch || env;
	if (env)
		strv_extend(&known->env, env);
	if (!strv_env_get(&known->env, "PATH"))
		strv_add(&known->env, "PATH=");
}

static void check_stage(struct linter *linter, const struct stages *defaults, size_t index)
{
	const struct stage *stage = &linter->stages->items[index];
	const struct dockerfile_line *lines = linter->stages->file->lines.items;
	struct known *known = &linter->known[index];

	memset(linter->last, 0, sizeof linter->last);
	if (stage->name)
		check_name(linter, index, &lines[stage->from]);
	check_platform(linter, stage, &lines[stage->from]);
	check_image(linter, stage, lines[stage->from].line);
	check_from_args(linter, defaults, index, &lines[stage->from]);
	begin_stage(linter, stage, known);
	for (size_t i = 0; i < stage->count; i++)
		check_line(linter, known, &lines[stage->first + i]);
}

/* Before the first FROM there is nothing but ARG. */
static void check_global(struct linter *linter)
{
	const struct dockerfile_lines *lines = &linter->stages->file->lines;
	struct known known = { 0 };

	for (size_t i = 0; i < linter->stages->items[0].from; i++)
		check_line(linter, &known, &lines->items[i]);
	strv_clear(&known.env);
}

static int by_line(const void *a, const void *b)
{
	const struct lint_finding *one = a, *other = b;

	if (one->line != other->line)
		return one->line < other->line ? -1 : 1;
	return (int)one->rule - (int)other->rule;
}

void lint_check(const struct stages *stages, const struct lint_input *input,
		const struct lint_settings *settings, struct lint_findings *out)
{
	AUTO(stages) struct stages defaults = { 0 };
	struct linter linter = {
		.stages = stages, .input = input, .settings = settings, .out = out
	};

	linter.known = mem_alloc(stages->count, sizeof *linter.known);
	find_defaults(&linter, &defaults);
	check_casing(&linter);
	for (size_t i = 0; i < stages->file->lines.count; i++)
		if (stages->file->lines.items[i].empty_continuation)
			find(&linter, LINT_NO_EMPTY_CONTINUATION, stages->file->lines.items[i].line,
			     "an empty line stands inside the instruction");
	check_global(&linter);
	for (size_t i = 0; i < stages->count; i++)
		check_stage(&linter, &defaults, i);
	for (size_t i = 0; i < stages->count; i++)
		strv_clear(&linter.known[i].env);
	free(linter.known);
	if (out->count)
		qsort(out->items, out->count, sizeof *out->items, by_line);
}

void lint_findings_clear(struct lint_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		free(findings->items[i].text);
	free(findings->items);
	*findings = (struct lint_findings){ 0 };
}
