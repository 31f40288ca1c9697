/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * transition - what may happen to a container in which state: the one table
 *
 * Nothing else compares states to decide whether a verb is allowed. Commands ask before they act;
 * the monitor asks for what happens by itself (run, exit, retry).
 */
#pragma once

#include "base/err.h"
#include "store/container.h"

enum container_verb {
	VERB_START, /* by the user; becomes running once PID 1 executed */
	VERB_STOP,
	VERB_RESTART,
	VERB_KILL,
	VERB_PAUSE,
	VERB_UNPAUSE,
	VERB_EXEC,
	VERB_ATTACH,
	VERB_TOP,
	VERB_REMOVE,
	VERB_REMOVE_FORCE,
	VERB_RENAME,
	VERB_UPDATE,
	VERB_EXIT,  /* PID 1 ended */
	VERB_RETRY, /* the restart policy waits to start it again */
	VERB_FAIL,  /* removing was interrupted: dead */
};

/* Names of enum container_verb as commands call them: "start", "stop", …, "rm". */
extern const char *const container_verb_names[];

/**
 * transition_check() - whether a verb is allowed now, and where it leads
 * @name:	of the container, for the sentence
 * @from:	its state
 * @verb:	what shall happen
 * @out_to:	the state afterwards; set when the result is not negative; may be NULL
 * @err:	"cannot pause container 'x': it is not running"
 *
 * Return: 1 when it is to be done; 0 when nothing is to be done, which is a success (stop of a stopped
 * one); -EPERM when the state forbids it.
 */
must_check int transition_check(const char *name, enum container_status from,
				enum container_verb verb, enum container_status *out_to,
				struct err *err);
