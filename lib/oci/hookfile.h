/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hookfile - a file that has a hook run for some containers: the OCI hooks configuration
 *
 * It says what is run, in which stages of a container, and for which containers. There are two forms: in that of
 * version 1.0.0 all conditions that are given must hold, in the older one, 0.1.0, which need not name its version,
 * any. A condition that is given as false never holds. Empty lists of conditions are no conditions.
 *
 * Only values here; finding and reading files is engine/hooks.
 *
 * Source: oci-hooks(5).
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "oci/runtime_spec.h"

enum hookfile_limits {
	HOOKFILE_MAX_BYTES = 1 << 20,
};

/* A bit beyond those of enum runtime_hook_kind: podman's "precreate". */
enum { HOOKFILE_PRECREATE = RUNTIME_HOOK_KINDS };

struct hookfile {
	char *path;
	struct strv args; /* args[0] included; may be empty */
	struct strv env;
	int timeout;	     /* seconds; 0: none */
	unsigned int stages; /* 1 << enum runtime_hook_kind, 1 << HOOKFILE_PRECREATE */

	/* when */
	bool any;	      /* one condition is enough */
	cJSON *always;	      /* true, false, or NULL */
	cJSON *has_binds;     /* likewise */
	struct strv keys;     /* expressions for annotations; each pair must match one */
	struct strv values;   /* as many */
	struct strv commands; /* expressions for the command */
};

/* What conditions look at. */
struct hookfile_subject {
	const char *command;		/* process.args[0] */
	const struct strv *annotations; /* KEY=VALUE */
	bool has_binds;			/* folders or files of the host were asked for */
};

/**
 * hookfile_load() - read a hook
 * @value:	the file's JSON
 * @out:	zeroed before; released with hookfile_clear() in any case
 * @err:	what is wrong, without naming the file
 *
 * Return: 0; -EBADMSG.
 */
must_check int hookfile_load(const cJSON *value, struct hookfile *out, struct err *err);

/**
 * hookfile_match() - whether a hook is for a container
 * @hook:	loaded
 * @subject:	the container
 *
 * Return: whether its conditions hold.
 */
bool hookfile_match(const struct hookfile *hook, const struct hookfile_subject *subject);

/**
 * hookfile_clear() - release what it owns
 * @hook:	empty afterwards
 */
void hookfile_clear(struct hookfile *hook);

static inline void auto_hookfile(struct hookfile *hook)
{
	hookfile_clear(hook);
}
