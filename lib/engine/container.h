/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * container - starting, listing and inspecting containers
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "engine/activation.h"
#include "engine/engine.h"
#include "engine/remove.h"
#include "engine/sandbox.h"
#include "store/container.h"

struct start_options {
	bool attached; /* output waits until the caller attaches */
	const int *extra_fds;
	size_t extra_count;
	const struct activation *activation; /* or NULL */
	uint16_t rows, columns;		     /* of the caller's terminal, or 0 */
	const int *input;		     /* what it reads, with no stdin of its own; or NULL */
	struct sandbox *sandbox;	     /* of the build that it is a step of; or NULL */
};

/**
 * container_start() - start a container that does not run
 * @engine:	the engine
 * @id:		full id
 * @options:	how
 * @out_sock:	speaks monitor/protocol.h, first message STARTED or FAILED (client_adopt,
 *		client_started); owned by the caller; set on success only
 * @err:	what failed
 *
 * Return: 0; -EALREADY when it runs; -ENOENT; otherwise a negative errno.
 */
must_check int container_start(struct engine *engine, const char *id,
			       const struct start_options *options, int *out_sock, struct err *err);

/**
 * container_states() - the states of all containers, as effective now, but for those of builds
 * @engine:	the engine
 * @damaged:	ids of records that cannot be read are added
 * @out:	*out_count states, each to be released with container_state_free, and the array itself;
 *		newest first; set on success only
 * @out_count:	how many; set on success only
 * @err:	the store cannot be read
 *
 * Takes no lock.
 *
 * Return: 0 or a negative errno.
 */
must_check int container_states(struct engine *engine, struct strv *damaged,
				struct container_state ***out, size_t *out_count, struct err *err);

/**
 * container_find() - the id that a name or an id prefix means
 * @engine:	the engine
 * @text:	as typed
 * @out_id:	to be freed; set on success only
 * @err:	says that there is none, or that several begin so
 *
 * Return: 0; -ENOENT; -ENOTUNIQ.
 */
must_check int container_find(struct engine *engine, const char *text, char **out_id,
			      struct err *err);

/**
 * container_inspect() - the document that `inspect` shows
 * @engine:	the engine
 * @id:		full id
 * @size:	whether SizeRw and SizeRootFs are wanted
 * @out:	object with the field names of docker and podman; to be released with cJSON_Delete; set on
 *		success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int container_inspect(struct engine *engine, const char *id, bool size, cJSON **out,
				 struct err *err);
