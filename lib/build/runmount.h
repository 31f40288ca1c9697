/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runmount - what RUN --mount=… says
 *
 * An option that the type of mount does not have is refused, as an unknown one is.
 *
 * Source: Dockerfile reference, "RUN --mount".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "build/expand.h"

enum runmount_type {
	RUNMOUNT_BIND,
	RUNMOUNT_CACHE,
	RUNMOUNT_TMPFS,
	RUNMOUNT_SECRET,
	RUNMOUNT_SSH,
	RUNMOUNT_TYPES,
};

enum runmount_sharing { RUNMOUNT_SHARED, RUNMOUNT_PRIVATE, RUNMOUNT_LOCKED };

struct runmount {
	enum runmount_type type;
	char *id; /* cache: the target unless given; secret: never NULL; ssh: "default" unless given */
	char *from; /* bind, cache: a stage, a context or an image; NULL: the context, an empty cache */
	char *source; /* bind, cache: below from; NULL: all of it */
	char *target; /* may be relative to WORKDIR; secret: NULL when it is a variable only; ssh: may be NULL */
	char *env;		       /* secret: the variable that holds it, or NULL */
	bool read_only;		       /* bind unless rw was said */
	bool required;		       /* secret, ssh */
	enum runmount_sharing sharing; /* cache */
	int64_t size;		       /* tmpfs: bytes, or -1 */
	int64_t mode, uid, gid;	       /* cache, secret, ssh; -1 when not said */
};

struct runmounts {
	struct runmount *items;
	size_t count;
};

/**
 * runmount_parse() - read the value of --mount
 * @text:	"type=cache,target=/c,…": comma separated, with double quotes around what holds a comma
 * @scope:	variables of values; `from` knows none
 * @out:	zeroed by the caller, who owns it (runmount_clear) in any case
 * @err:	names the option, and the nearest one
 *
 * Return: 0, -EINVAL, or what expand_word() says.
 */
must_check int runmount_parse(const char *text, const struct expand_scope *scope,
			      struct runmount *out, struct err *err);

/**
 * runmount_foresee() - read of the value of --mount what no variable has a part in
 * @text:	as of runmount_parse()
 * @scope:	its escape character
 * @out:	zeroed by the caller, who owns it (runmount_clear) in any case; an option whose value has variables is as
 *		if it was not said, and then nothing is filled in for what was not said
 * @err:	what is wrong whatever the variables are
 *
 * Return: 0 or -EINVAL.
 */
must_check int runmount_foresee(const char *text, const struct expand_scope *scope,
				struct runmount *out, struct err *err);

/**
 * runmount_from() - which stage, context or image a --mount names, without reading the rest
 * @text:	the value of --mount
 *
 * Return: the name, to be freed, or NULL.
 */
must_check char *runmount_from(const char *text);

/**
 * runmount_type_name() - the name of a type
 * @type:	below RUNMOUNT_TYPES
 *
 * Return: "bind", "cache" and so on; lives forever.
 */
const char *runmount_type_name(enum runmount_type type);

/**
 * runmount_clear() - release the texts
 * @mount:	zeroed afterwards
 */
void runmount_clear(struct runmount *mount);

/**
 * runmounts_clear() - release all
 * @mounts:	empty afterwards
 */
void runmounts_clear(struct runmounts *mounts);

static inline void auto_runmount(struct runmount *mount)
{
	runmount_clear(mount);
}
