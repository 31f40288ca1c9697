/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dependents - the containers that need another one
 *
 * They live in its namespaces (--network container:X and the like), or were created with --requires.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"

/**
 * dependents_list() - the containers that need one, and those that need these
 * @engine:	the engine
 * @id:		full id
 * @out:	full ids, added: each stands before what it needs, so that they can be removed in order
 * @err:	what cannot be read
 *
 * Reads the record of every container that was not read before; damaged ones need nothing.
 *
 * Return: 0 or a negative errno.
 */
must_check int dependents_list(struct engine *engine, const char *id, struct strv *out,
			       struct err *err);
