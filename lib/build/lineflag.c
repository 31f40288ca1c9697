/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lineflag - which flags an instruction knows
 */
#include "build/lineflag.h"

#include <strings.h>

#include "base/nearest.h"

enum takes { TAKES_TEXT, TAKES_BOOL, TAKES_MANY };

static const struct known {
	enum kind kind;
	enum takes takes;
	const char *name;
} known_flags[] = {
	{ KIND_ADD, TAKES_TEXT, "checksum" },
	{ KIND_ADD, TAKES_TEXT, "chmod" },
	{ KIND_ADD, TAKES_TEXT, "chown" },
	{ KIND_ADD, TAKES_MANY, "exclude" },
	{ KIND_ADD, TAKES_BOOL, "keep-git-dir" },
	{ KIND_ADD, TAKES_BOOL, "link" },
	{ KIND_ADD, TAKES_BOOL, "unpack" },
	{ KIND_COPY, TAKES_TEXT, "chmod" },
	{ KIND_COPY, TAKES_TEXT, "chown" },
	{ KIND_COPY, TAKES_MANY, "exclude" },
	{ KIND_COPY, TAKES_TEXT, "from" },
	{ KIND_COPY, TAKES_BOOL, "link" },
	{ KIND_COPY, TAKES_BOOL, "parents" },
	{ KIND_FROM, TAKES_TEXT, "platform" },
	{ KIND_HEALTHCHECK, TAKES_TEXT, "interval" },
	{ KIND_HEALTHCHECK, TAKES_TEXT, "retries" },
	{ KIND_HEALTHCHECK, TAKES_TEXT, "start-interval" },
	{ KIND_HEALTHCHECK, TAKES_TEXT, "start-period" },
	{ KIND_HEALTHCHECK, TAKES_TEXT, "timeout" },
	{ KIND_RUN, TAKES_MANY, "mount" },
	{ KIND_RUN, TAKES_TEXT, "network" },
	{ KIND_RUN, TAKES_TEXT, "security" },
};

static const struct known *find_known(enum kind kind, const char *name)
{
	for (size_t i = 0; i < array_len(known_flags); i++)
		if (known_flags[i].kind == kind && str_eq(known_flags[i].name, name))
			return &known_flags[i];
	return NULL;
}

static int unknown(const struct dockerfile *file, const struct dockerfile_line *line,
		   const struct dockerfile_flag *flag, struct err *err)
{
	struct nearest nearest;

	if (line->kind == KIND_RUN && str_eq(flag->name, "device"))
		return dockerfile_wrong(
			file, flag->line, err,
			"RUN --device is not there: a build has no devices of the host");
	nearest_begin(&nearest, flag->name);
	for (size_t i = 0; i < array_len(known_flags); i++)
		if (known_flags[i].kind == line->kind)
			nearest_offer(&nearest, known_flags[i].name);
	if (nearest.best)
		return dockerfile_wrong(file, flag->line, err,
					"%s has no flag '--%s': did you mean --%s?",
					kind_name(line->kind), flag->name, nearest.best);
	return dockerfile_wrong(file, flag->line, err, "%s has no flag '--%.64s'",
				kind_name(line->kind), flag->name);
}

static bool is_bool(const char *text)
{
	return strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0;
}

static int check_one(const struct dockerfile *file, const struct dockerfile_line *line, size_t at,
		     struct err *err)
{
	const struct dockerfile_flag *flag = &line->flags.items[at];
	const struct known *known = find_known(line->kind, flag->name);
	const char *name = kind_name(line->kind);

	if (!known)
		return unknown(file, line, flag, err);
	for (size_t i = 0; i < at && known->takes != TAKES_MANY; i++)
		if (str_eq(line->flags.items[i].name, flag->name))
			return dockerfile_wrong(file, flag->line, err, "%s --%s stands there twice",
						name, flag->name);
	if (known->takes != TAKES_BOOL && !flag->value)
		return dockerfile_wrong(file, flag->line, err, "%s --%s needs a value: --%s=…",
					name, flag->name, flag->name);
	if (known->takes == TAKES_BOOL && flag->value && !is_bool(flag->value))
		return dockerfile_wrong(file, flag->line, err, "%s --%s is true or false, not '%s'",
					name, flag->name, flag->value);
	return 0;
}

int lineflag_check(const struct dockerfile *file, const struct dockerfile_line *line,
		   struct err *err)
{
	for (size_t i = 0; i < line->flags.count; i++) {
		int r = check_one(file, line, i, err);
		if (r < 0)
			return r;
	}
	return 0;
}

const char *lineflag_text(const struct dockerfile_line *line, const char *name)
{
	const struct dockerfile_flag *flag = dockerfile_flag(line, name);

	return flag ? flag->value : NULL;
}

bool lineflag_bool(const struct dockerfile_line *line, const char *name, bool usual)
{
	const struct dockerfile_flag *flag = dockerfile_flag(line, name);

	if (!flag)
		return usual;
	return !flag->value || strcasecmp(flag->value, "true") == 0;
}
