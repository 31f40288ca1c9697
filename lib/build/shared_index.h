/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shared_index - the index of the steps that a registry keeps (build/shared.h)
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "engine/engine.h"
#include "engine/registry.h"

/* Annotation of an entry, and labels of the config that it leads to. */
#define SHARED_KEY "io.cubby.build.key"
#define SHARED_TEXT "io.cubby.build.text"
#define SHARED_CREATED "io.cubby.build.created"
#define SHARED_SIZE "io.cubby.build.size"     /* of the layer's tar, bytes; not there: no layer */
#define SHARED_LINKED "io.cubby.build.linked" /* there: it does not depend on layers below */

/**
 * shared_name() - where an index is
 * @ref:	as typed
 * @out:	"DOMAIN/PATH:TAG", to be freed; set on success only
 * @err:	what is wrong with it
 *
 * Return: 0 or -EINVAL.
 */
must_check int shared_name(const char *ref, char **out, struct err *err);

/**
 * shared_index() - read one
 * @engine:	the engine
 * @name:	of shared_name()
 * @access:	how the registry is asked
 * @out:	to be released with cJSON_Delete; set on success only
 * @err:	what failed
 *
 * Return: 0; -ENOENT when there is nothing of that name; -EEXIST when it is something else; otherwise a negative errno.
 */
must_check int shared_index(struct engine *engine, const char *name,
			    const struct registry_access *access, cJSON **out, struct err *err);

/**
 * shared_key() - the step of an entry
 * @entry:	of an index's manifests
 *
 * Return: 64 hex digits, which belong to @entry; NULL when it is no step's.
 */
const char *shared_key(const cJSON *entry);
