/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * changes_text - showing changes: lines as they come, or a document at the end
 */
#pragma once

#include <stdio.h>

#include "base/err.h"
#include "base/str.h"
#include "layer/changes.h"

struct changes_text {
	FILE *to;
	bool json;
	struct strv kinds[3]; /* with .json: what was changed, by enum change_kind */
};

/**
 * changes_text_init() - choose a form
 * @text:	set up
 * @format:	of --format: NULL, "json"
 * @to:		where to
 * @err:	names the format
 *
 * Return: 0 or -EINVAL.
 */
must_check int changes_text_init(struct changes_text *text, const char *format, FILE *to,
				 struct err *err);

/**
 * changes_text_show() - a diff_fn that prints
 * @data:	struct changes_text
 * @kind:	what happened
 * @path:	to what; NULL ends it
 */
void changes_text_show(void *data, enum change_kind kind, const char *path);
