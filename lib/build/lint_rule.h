/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lint_rule - the rules of `build --check`, and which of them count
 *
 * Source: docker's documentation, "Build checks"; the names are docker's, so that `# check=skip=…` means the same.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum lint_rule {
	LINT_CONSISTENT_INSTRUCTION_CASING,
	LINT_COPY_IGNORED_FILE,
	LINT_DUPLICATE_STAGE_NAME,
	LINT_EXPOSE_INVALID_FORMAT,
	LINT_EXPOSE_PROTO_CASING,
	LINT_FROM_AS_CASING,
	LINT_FROM_PLATFORM_FLAG_CONST_DISALLOWED,
	LINT_INVALID_BASE_IMAGE_PLATFORM,
	LINT_INVALID_DEFAULT_ARG_IN_FROM,
	LINT_INVALID_DEFINITION_DESCRIPTION,
	LINT_JSON_ARGS_RECOMMENDED,
	LINT_LEGACY_KEY_VALUE_FORMAT,
	LINT_MAINTAINER_DEPRECATED,
	LINT_MULTIPLE_INSTRUCTIONS_DISALLOWED,
	LINT_NO_EMPTY_CONTINUATION,
	LINT_REDUNDANT_TARGET_PLATFORM,
	LINT_RESERVED_STAGE_NAME,
	LINT_SECRETS_USED_IN_ARG_OR_ENV,
	LINT_STAGE_NAME_CASING,
	LINT_UNDEFINED_ARG_IN_FROM,
	LINT_UNDEFINED_VAR,
	LINT_WORKDIR_RELATIVE_PATH,
	LINT_RULES,
};

struct lint_settings {
	uint32_t skipped;      /* a bit for each rule */
	uint32_t experimental; /* of the experimental rules those that count */
	bool error;	       /* a finding makes the build fail */
};

/**
 * lint_settings_parse() - read the value of `# check=`
 * @text:	"skip=A,B;error=true;experimental=all"; NULL is nothing; `skip=all` skips every rule
 * @out:	zeroed, or settings that hold already: what is said is added
 * @err:	names the word, and the nearest rule
 *
 * Return: 0 or -EINVAL.
 */
must_check int lint_settings_parse(const char *text, struct lint_settings *out, struct err *err);

/**
 * lint_rule_counts() - whether a rule is looked at
 * @settings:	read
 * @rule:	below LINT_RULES
 *
 * Return: whether it is.
 */
bool lint_rule_counts(const struct lint_settings *settings, enum lint_rule rule);

/**
 * lint_rule_name() - docker's name of a rule
 * @rule:	below LINT_RULES
 *
 * Return: "StageNameCasing" and so on; lives forever.
 */
const char *lint_rule_name(enum lint_rule rule);
