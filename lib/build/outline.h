/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outline - what a target of a Dockerfile can be given: arguments, secrets, agents
 *
 * Counted is what the stages that the target needs declare and mount, and the global ARGs that their FROMs ask for.
 * What the images bring is not known, as nothing is pulled.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "build/runmount.h"
#include "build/stages.h"

struct outline_arg {
	char *name;
	char *value;	   /* as it is built, or NULL */
	char *description; /* or NULL */
	const struct dockerfile_line *line;
	bool used;
};

struct outline_mount {
	enum runmount_type type;
	char *id;
	bool required; /* somewhere */
	const struct dockerfile_line *line;
};

struct outline {
	struct {
		struct outline_arg *items; /* in the order of the file, each name once */
		size_t count;
	} args;
	struct {
		struct outline_mount *items; /* of secrets, agents and caches, each once */
		size_t count;
	} mounts;
};

/**
 * outline_find() - look a target over
 * @stages:	found; stays in use as long as @out
 * @input:	what they were found with
 * @target:	an index
 * @out:	zeroed by the caller, who owns it (outline_clear) in any case
 * @err:	names file, line and word
 *
 * Return: 0; what instruction_parse() and stages_needed() say.
 */
must_check int outline_find(const struct stages *stages, const struct stages_input *input,
			    size_t target, struct outline *out, struct err *err);

/**
 * outline_clear() - release all
 * @outline:	zeroed afterwards
 */
void outline_clear(struct outline *outline);

static inline void auto_outline(struct outline *outline)
{
	outline_clear(outline);
}
