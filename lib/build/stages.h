/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stages - the stages of a Dockerfile and what each one needs
 *
 *	(1) a stage is built upon an earlier stage of that name (case does not count), else upon an image;
 *	(2) COPY --from and RUN --mount from= mean a stage by name or number, wherever it stands, else an image;
 *	(3) names of contexts that the user gives (--build-context) come before stages;
 *	(4) of several stages with one name the last counts, among those that can be meant.
 *
 * Source: Dockerfile reference, "FROM", "ARG", "Understand how ARG and FROM interact".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "build/dockerfile.h"

/* What comes from outside; each list may be NULL. */
struct stages_input {
	const struct strv *build_args; /* NAME=VALUE: they replace the defaults of global ARGs */
	const struct strv
		*platform_args; /* NAME=VALUE: known to every FROM: TARGETPLATFORM, BUILDARCH… */
	const struct strv *contexts; /* names that are no stages */
};

struct stage_needs {
	size_t *items; /* indexes of stages, each once, as they are met */
	size_t count;
};

struct stage {
	char *name;	/* in lower case, or NULL */
	char *base;	/* as the FROM says it, variables put in */
	char *platform; /* or NULL */
	ssize_t parent; /* the stage that it is built upon, or -1 */
	bool scratch;	/* built upon nothing */
	int line;
	size_t from;		  /* of the file's lines: the FROM */
	size_t first, count;	  /* its instructions */
	struct stage_needs needs; /* parent included */
};

struct stages {
	const struct dockerfile *file; /* borrowed */
	struct stage *items;
	size_t count;
	struct strv args;      /* NAME=VALUE of the global ARGs that have a value */
	struct strv declared;  /* names of all global ARGs */
	struct strv undefined; /* names that a FROM asked for and that have no value, for lint */
};

/**
 * stages_find() - find the stages of a file
 * @file:	stays in use as long as @out
 * @input:	what comes from outside
 * @out:	zeroed by the caller, who owns it (stages_clear) in any case
 * @err:	names file, line and word
 *
 * Every instruction's flags are read as far as names of stages go; the rest of them is not.
 *
 * Return: 0; -EINVAL when there is no FROM, something stands before it, or a FROM is wrong.
 */
must_check int stages_find(const struct dockerfile *file, const struct stages_input *input,
			   struct stages *out, struct err *err);

/**
 * stages_target() - the stage that is to be built
 * @stages:	found
 * @target:	a name or a number; NULL: the last
 * @out:	its index, set on success only
 * @err:	names the nearest, and all of them in its hint
 *
 * Return: 0 or -ENOENT.
 */
must_check int stages_target(const struct stages *stages, const char *target, size_t *out,
			     struct err *err);

/**
 * stages_named() - the stage that a COPY --from or a mount means
 * @stages:	found
 * @name:	a name or a number
 *
 * Return: its index, or -1 when it is a context or an image.
 */
ssize_t stages_named(const struct stages *stages, const char *name);

/**
 * stages_needed() - what must be built for a stage, itself included
 * @stages:	found
 * @target:	an index
 * @out:	indexes, each one behind all that it needs, to be freed (free(out->items)); set on success only
 * @err:	names a stage that needs itself
 *
 * Return: 0; -ELOOP.
 */
must_check int stages_needed(const struct stages *stages, size_t target, struct stage_needs *out,
			     struct err *err);

/**
 * stages_rebase() - build the first stage upon another image
 * @stages:	found
 * @image:	its name
 */
void stages_rebase(struct stages *stages, const char *image);

/**
 * stages_need_all() - have a stage need all those before it
 * @stages:	found
 * @target:	an index
 */
void stages_need_all(struct stages *stages, size_t target);

/**
 * stages_clear() - release all
 * @stages:	zeroed afterwards
 */
void stages_clear(struct stages *stages);

static inline void auto_stages(struct stages *stages)
{
	stages_clear(stages);
}
