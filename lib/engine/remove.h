/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * remove - removing a container with all that is its own
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"

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
