/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clone - a new container that is made as another one was
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"
#include "engine/resourceargs.h"

struct clone_options {
	const char *name;		       /* NULL: the other's with "-clone" behind it */
	const char *image;		       /* as typed: in place of the other's; or NULL */
	bool destroy;			       /* remove the other one afterwards */
	bool force;			       /* with .destroy: also when it runs */
	const struct resource_args *resources; /* limits that are not the other's; or NULL */
};

/**
 * container_clone() - make a container like another
 * @engine:	the engine
 * @id:		full id of the other
 * @options:	what is different
 * @out_id:	full id, to be freed; set on success only
 * @err:	what failed
 *
 * It gets everything that the other was made with, its named volumes too, but not what the other has written;
 * anonymous volumes are its own and empty. It is not started.
 *
 * Return: 0; -ENOENT; -EEXIST when the name is taken; -EBUSY when the other runs and is to go; otherwise a
 * negative errno.
 */
must_check int container_clone(struct engine *engine, const char *id,
			       const struct clone_options *options, char **out_id, struct err *err);
