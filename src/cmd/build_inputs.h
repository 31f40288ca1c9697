/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_inputs - the options of a build that let steps see more than its context
 */
#pragma once

#include "build/options.h"
#include "cli/command.h"

struct build_inputs_args {
	struct strv secrets;
	struct strv ssh;
	struct strv contexts;
	struct strv allow;
};

extern const struct opt build_inputs_opts[]; /* of struct build_inputs_args */

/**
 * build_inputs_read() - read what the options name
 * @app:	the program
 * @args:	filled from build_inputs_opts
 * @out:	gets secrets, agents, contexts and what is allowed; to be released with build_inputs_clear in any case
 * @err:	names the option's value, and the file
 *
 * Return: 0; -EINVAL for a value that is wrong; -ENOENT when there is no such file, variable or agent.
 */
must_check int build_inputs_read(const struct app *app, const struct build_inputs_args *args,
				 struct build_options *out, struct err *err);

/**
 * build_inputs_clear() - release what build_inputs_read() has set, and wipe secrets
 * @options:	without them afterwards
 */
void build_inputs_clear(struct build_options *options);
