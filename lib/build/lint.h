/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lint - what in a Dockerfile is allowed, and likely not meant
 *
 * The rules are docker's (build/lint_rule.h), so far as text alone tells. What is wrong is no finding: it is an error
 * of the readers.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "build/dockerfile.h"
#include "build/lint_rule.h"
#include "build/pattern.h"
#include "build/stages.h"

struct lint_finding {
	enum lint_rule rule;
	int line;
	char *text; /* lower case, no full stop */
};

struct lint_findings {
	struct lint_finding *items; /* by line */
	size_t count;
};

/* What is known besides the file. */
struct lint_input {
	const struct stages_input *stages;
	const struct patterns *ignored; /* of the context; NULL: nothing is */
	/*
	 * NAME=VALUE of an image that a stage is built upon; NULL when it is not known: then nothing is said about
	 * variables of that stage. The function may be NULL.
	 */
	const struct strv *(*image_env)(void *data, const struct stage *stage);
	/*
	 * What the image that a stage is built upon is for, and what is built: two texts to be freed. Returns false
	 * where they go together, or the image is not known. The function may be NULL.
	 */
	bool (*image_misfits)(void *data, const struct stage *stage, char **out_is,
			      char **out_wanted);
	void *data;
};

/**
 * lint_check() - look a Dockerfile over
 * @stages:	found
 * @input:	what is known besides
 * @settings:	which rules count
 * @out:	findings are added
 */
void lint_check(const struct stages *stages, const struct lint_input *input,
		const struct lint_settings *settings, struct lint_findings *out);

/**
 * lint_findings_clear() - release all
 * @findings:	empty afterwards
 */
void lint_findings_clear(struct lint_findings *findings);

static inline void auto_lint_findings(struct lint_findings *findings)
{
	lint_findings_clear(findings);
}
