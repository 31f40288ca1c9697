/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * update - changing what a container was made with
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/healthplan.h"
#include "engine/resourceargs.h"

struct update_args {
	const char *restart;	  /* as typed; NULL: as it is */
	const char *network_rate; /* as typed; NULL: as it is */
	struct health_args health;
	struct resource_args resources;
	struct strv env;       /* NAME=VALUE: set for the next starts */
	struct strv unset_env; /* names: taken away from them */
	struct strv ulimits;   /* NAME=SOFT[:HARD]: set for the next starts */
};

/**
 * update_empty() - whether nothing is to be changed
 * @args:	as typed
 *
 * Return: whether that is so.
 */
must_check bool update_empty(const struct update_args *args);

/**
 * container_update() - change a container
 * @engine:	the engine
 * @id:		full id
 * @args:	what is not given stays
 * @err:	what cannot be
 *
 * Restart policy and health check are in effect at once when it runs; a changed health check begins anew.
 * So are limits. Variables and ulimits are for the next start. Nothing is changed when anything is wrong.
 *
 * Return: 0; -EINVAL; -EPERM when its state forbids it; otherwise a negative errno.
 */
must_check int container_update(struct engine *engine, const char *id,
				const struct update_args *args, struct err *err);
