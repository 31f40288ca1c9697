/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * instruction - an instruction of a Dockerfile as values, variables put in
 *
 * Which fields hold something depends on the kind:
 *
 *	ENV LABEL ARG		pairs
 *	EXPOSE VOLUME		words: "80/tcp", each port of a range by itself; paths
 *	USER WORKDIR STOPSIGNAL	text
 *	MAINTAINER ONBUILD	text; the trigger with its heredocs, as it stands in a Dockerfile
 *	CMD ENTRYPOINT SHELL	command
 *	RUN			command, run
 *	HEALTHCHECK		command, health
 *	FROM			from
 *	COPY ADD		copy
 *
 * Variables are put in where docker does: everywhere but in RUN (its mounts excepted), CMD, ENTRYPOINT, SHELL,
 * HEALTHCHECK, ONBUILD and MAINTAINER. All variables of an instruction have the values from before it:
 * `ENV a=1 b=$a` does not see its own a.
 *
 * Source: Dockerfile reference.
 */
#pragma once

#include "base/err.h"
#include "build/dockerfile.h"
#include "build/expand.h"
#include "build/values.h"

enum instruction_flags {
	INSTRUCTION_GLOBAL =
		1 << 0, /* an ARG before the first FROM: pairs see the pairs before them */
	INSTRUCTION_BEFOREHAND =
		1 << 1, /* a RUN whose variables are not known yet: runmount_foresee() */
};

/**
 * instruction_parse() - the values of an instruction
 * @file:	names the file, has the escape character
 * @line:	the instruction, of @file
 * @scope:	values of variables; escape and flags are set here
 * @flags:	enum instruction_flags
 * @out:	zeroed by the caller, who owns it (instruction_clear) in any case
 * @err:	names file, line and word
 *
 * Return: 0; -EINVAL when it is wrong; what expand_word() says.
 */
must_check int instruction_parse(const struct dockerfile *file, const struct dockerfile_line *line,
				 const struct expand_scope *scope, unsigned flags,
				 struct instruction *out, struct err *err);

/**
 * instruction_stage_name() - the name that a FROM gives its stage
 * @file:	names the file
 * @line:	a FROM
 * @out:	in lower case, to be freed; NULL when it gives none; set on success only
 * @err:	says what is wrong
 *
 * Needs no variables.
 *
 * Return: 0 or -EINVAL.
 */
must_check int instruction_stage_name(const struct dockerfile *file,
				      const struct dockerfile_line *line, char **out,
				      struct err *err);

/**
 * instruction_clear() - release everything
 * @instruction:	zeroed afterwards
 */
void instruction_clear(struct instruction *instruction);

static inline void auto_instruction(struct instruction *instruction)
{
	instruction_clear(instruction);
}
