/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_eval - running the tree of a template
 */
#pragma once

#include <stdio.h>

#include "cli/template_tree.h"

/* What a run may look at. */
struct eval_input {
	const struct tree *tree;
	const cJSON *document;
	const char *maps;     /* as in struct template_schema; never NULL */
	const char *optional; /* likewise */
	bool header;	      /* see TEMPLATE_HEADER */
	long max_output;
	long max_steps;
	int max_depth;
};

/**
 * eval_run() - run a tree
 * @input:	what to run on what
 * @to:		where to write; on failure a part may be written
 * @err:	names the field or the function
 *
 * Return: 0; -EINVAL; -E2BIG when a limit is reached.
 */
must_check int eval_run(const struct eval_input *input, FILE *to, struct err *err);
