/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lint_rule - the rules of `build --check`, and which of them count
 */
#include "build/lint_rule.h"

#include <errno.h>
#include <strings.h>

#include "base/nearest.h"
#include "base/str.h"

static const struct {
	const char *name;
	bool experimental;
} rules[LINT_RULES] = {
	[LINT_CONSISTENT_INSTRUCTION_CASING] = { "ConsistentInstructionCasing", false },
	[LINT_COPY_IGNORED_FILE] = { "CopyIgnoredFile", true },
	[LINT_DUPLICATE_STAGE_NAME] = { "DuplicateStageName", false },
	[LINT_EXPOSE_INVALID_FORMAT] = { "ExposeInvalidFormat", false },
	[LINT_EXPOSE_PROTO_CASING] = { "ExposeProtoCasing", false },
	[LINT_FROM_AS_CASING] = { "FromAsCasing", false },
	[LINT_FROM_PLATFORM_FLAG_CONST_DISALLOWED] = { "FromPlatformFlagConstDisallowed", false },
	[LINT_INVALID_BASE_IMAGE_PLATFORM] = { "InvalidBaseImagePlatform", false },
	[LINT_INVALID_DEFAULT_ARG_IN_FROM] = { "InvalidDefaultArgInFrom", false },
	[LINT_INVALID_DEFINITION_DESCRIPTION] = { "InvalidDefinitionDescription", true },
	[LINT_JSON_ARGS_RECOMMENDED] = { "JSONArgsRecommended", false },
	[LINT_LEGACY_KEY_VALUE_FORMAT] = { "LegacyKeyValueFormat", false },
	[LINT_MAINTAINER_DEPRECATED] = { "MaintainerDeprecated", false },
	[LINT_MULTIPLE_INSTRUCTIONS_DISALLOWED] = { "MultipleInstructionsDisallowed", false },
	[LINT_NO_EMPTY_CONTINUATION] = { "NoEmptyContinuation", false },
	[LINT_REDUNDANT_TARGET_PLATFORM] = { "RedundantTargetPlatform", false },
	[LINT_RESERVED_STAGE_NAME] = { "ReservedStageName", false },
	[LINT_SECRETS_USED_IN_ARG_OR_ENV] = { "SecretsUsedInArgOrEnv", false },
	[LINT_STAGE_NAME_CASING] = { "StageNameCasing", false },
	[LINT_UNDEFINED_ARG_IN_FROM] = { "UndefinedArgInFrom", false },
	[LINT_UNDEFINED_VAR] = { "UndefinedVar", false },
	[LINT_WORKDIR_RELATIVE_PATH] = { "WorkdirRelativePath", false },
};

static int unknown_rule(const char *name, struct err *err)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (size_t i = 0; i < LINT_RULES; i++)
		nearest_offer(&nearest, rules[i].name);
	if (nearest.best)
		return err_set(err, -EINVAL, "there is no check '%s': did you mean %s?", name,
			       nearest.best);
	return err_set(err, -EINVAL, "there is no check '%.64s'", name);
}

static int read_rules(const char *text, uint32_t *out, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };

	strv_split(&names, text, ',');
	for (size_t i = 0; i < names.count; i++) {
		const char *name = str_trim(names.items[i]);
		size_t at = 0;
		if (strcasecmp(name, "all") == 0) {
			*out = UINT32_MAX;
			continue;
		}
		while (at < LINT_RULES && strcasecmp(rules[at].name, name) != 0)
			at++;
		if (at == LINT_RULES)
			return unknown_rule(name, err);
		*out |= UINT32_C(1) << at;
	}
	return 0;
}

static int read_setting(char *text, struct lint_settings *out, struct err *err)
{
	char *value = str_cut(text, '=');
	const char *name = str_trim(text);

	if (!value)
		return err_set(err, -EINVAL, "the setting '%.64s' of checks has no '='", name);
	value = str_trim(value);
	if (strcasecmp(name, "skip") == 0)
		return read_rules(value, &out->skipped, err);
	if (strcasecmp(name, "experimental") == 0)
		return read_rules(value, &out->experimental, err);
	if (strcasecmp(name, "error") != 0)
		return err_set(err, -EINVAL,
			       "checks have no setting '%.64s': skip, error or experimental", name);
	bool yes = strcasecmp(value, "true") == 0 || str_eq(value, "1");
	if (!yes && strcasecmp(value, "false") != 0 && !str_eq(value, "0"))
		return err_set(err, -EINVAL,
			       "the setting 'error' of checks is true or false, not '%.64s'",
			       value);
	out->error = yes;
	return 0;
}

int lint_settings_parse(const char *text, struct lint_settings *out, struct err *err)
{
	AUTO(strv) struct strv parts = { 0 };

	if (!text)
		return 0;
	strv_split(&parts, text, ';');
	for (size_t i = 0; i < parts.count; i++) {
		int r = *str_trim(parts.items[i]) ? read_setting(parts.items[i], out, err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

bool lint_rule_counts(const struct lint_settings *settings, enum lint_rule rule)
{
	uint32_t bit = UINT32_C(1) << rule;

	if (settings->skipped & bit)
		return false;
	return !rules[rule].experimental || settings->experimental & bit;
}

const char *lint_rule_name(enum lint_rule rule)
{
	return rules[rule].name;
}
