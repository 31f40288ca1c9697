/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervise_args - what a start of a container is told
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/activation.h"
#include "engine/engine.h"
#include "engine/sandbox.h"
#include "store/container.h"

struct supervise_args {
	struct engine *engine;		       /* its host, store and identity are used */
	const struct container_config *config; /* loaded */
	int lock; /* LOCK_CONTAINER, held by the caller; the monitor shares it until it has started */
	struct container_state *state; /* loaded; the monitor becomes its writer */
	bool attached; /* the caller stays and carries streams: output waits for it to attach */
	const int *extra_fds; /* --preserve-fds; with "passthrough" 0, 1 and 2 are the caller's */
	size_t extra_count;
	const struct activation *activation; /* the monitor keeps its own copies; or NULL */
	uint16_t rows, columns;		     /* of the caller's terminal, or 0 */
	const int *input; /* what the container reads, where it has no stdin of its own; or NULL */
	struct sandbox *sandbox; /* whose monitor serves it where it fits, or is made; or NULL */
};
