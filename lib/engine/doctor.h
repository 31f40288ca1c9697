/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doctor - what this host lacks, what that costs, and how it is repaired
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "engine/engine.h"

enum finding_state {
	FINDING_OK,
	FINDING_LESS, /* it works, but not as well or as widely as it could */
	FINDING_BAD,  /* something that everybody needs does not work */
};

/* Names of enum finding_state: "ok", "less", "bad"; NULL at the end. */
extern const char *const finding_state_names[];

struct finding {
	enum finding_state state;
	const char *name; /* "kernel", "sub-ids", ...; static */
	char *text;	  /* what is so */
	char *meanwhile;  /* what works all the same, or NULL */
	char *repair;	  /* the exact command, or NULL */
};

struct findings {
	struct finding *items;
	size_t count;
};

/**
 * doctor_examine() - look at everything that containers need
 * @host:	facts
 * @engine:	the engine; NULL when the store cannot be opened
 * @why:	why it cannot, when @engine is NULL
 * @out:	to be released with findings_clear
 *
 * Changes nothing but what probing the storage drivers leaves: the remembered answer.
 */
void doctor_examine(const struct host *host, struct engine *engine, const struct err *why,
		    struct findings *out);

/**
 * findings_clear() - release what was found
 * @findings:	empty afterwards
 */
void findings_clear(struct findings *findings);

static inline void auto_findings(struct findings *findings)
{
	findings_clear(findings);
}
