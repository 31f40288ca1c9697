/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * list_source - the images that a name means, for lists of images
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "engine/engine.h"
#include "engine/registry.h"
#include "oci/platform.h"

struct list_source {
	struct registry_access registry;
	bool all;  /* of a list all images, else the one that suits a machine */
	bool here; /* what is in the store is meant, whatever the name looks like */
};

/**
 * list_source_find() - descriptors of the images that a name means
 * @engine:	the engine
 * @text:	as list_add() takes it
 * @source:	how it is looked for
 * @want:	for which machine, where one of several is to be chosen
 * @out:	descriptors as JSON objects, each with its platform, are added to this array
 * @err:	what cannot be found
 *
 * Return: 0; -ENOENT; otherwise a negative errno.
 */
must_check int list_source_find(struct engine *engine, const char *text,
				const struct list_source *source, const struct platform *want,
				cJSON *out, struct err *err);

/**
 * list_source_fetch() - what a registry has under a name
 * @engine:	the engine
 * @name:	as typed
 * @registry:	how it is asked
 * @out_text:	bytes, to be freed; set on success only
 * @out_size:	how many
 * @out_digest:	of them, to be freed; set on success only; may be NULL
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int list_source_fetch(struct engine *engine, const char *name,
				 const struct registry_access *registry, char **out_text,
				 size_t *out_size, char **out_digest, struct err *err);
