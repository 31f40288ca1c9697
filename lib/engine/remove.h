/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * remove - removing a container with all that is its own
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"
#include "store/container.h"
#include "store/temp.h"

struct remove_options {
	bool force;   /* kill it first */
	bool volumes; /* its anonymous volumes go too */
	int timeout;  /* seconds to wait before SIGKILL with force; negative: kill at once */
};

/**
 * container_remove() - remove a container with its writable layer and log
 * @engine:	the engine
 * @id:		full id
 * @options:	how
 * @err:	what failed; -EBUSY when it runs and is not forced
 *
 * Needs no free space. What an interrupted removal left is finished.
 *
 * Return: 0 or a negative errno.
 */
must_check int container_remove(struct engine *engine, const char *id,
				const struct remove_options *options, struct err *err);

/**
 * container_drop() - remove a container that nobody asked to keep, with its anonymous volumes
 * @engine:	the engine
 * @id:		full id
 *
 * What cannot be removed now is left to a later command.
 */
void container_drop(struct engine *engine, const char *id);

/**
 * container_take_away() - remove a --rm container whose monitor we are, but for deleting its files
 * @engine:	the engine
 * @config:	of the container; nothing of it runs any more
 * @out:	what is still to be deleted (temps_remove), once nobody waits for us
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int container_take_away(struct engine *engine, const struct container_config *config,
				   struct temps *out, struct err *err);
