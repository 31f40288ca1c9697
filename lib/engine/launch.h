/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * launch - start a container and stay with it, or not
 *
 * What `run` and `start` do once the record is there.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/activation.h"
#include "engine/engine.h"
#include "engine/sandbox.h"
#include "monitor/client.h"
#include "store/container.h"

struct launch_options {
	bool detach;
	struct attach_options attach;
	const int *extra_fds; /* --preserve-fds */
	size_t extra_count;
	const struct activation *activation; /* sockets that were handed to this command; or NULL */
	const int *input;		     /* what it reads, with no stdin of its own; or NULL */
	struct sandbox *sandbox;	     /* of the build that it is a step of; or NULL */
};

struct launch_result {
	int status;    /* of the container, 0 to 255; or of the failed start: 125, 126, 127 */
	bool detached; /* the user detached, or asked for it */
	bool started;
};

/**
 * launch() - start a container and carry its streams until it ends
 * @engine:	the engine
 * @config:	of the container, as stored
 * @options:	how
 * @out:	set on success and failure
 * @err:	why it could not be started; its status is in @out
 *
 * With detach it returns when the program runs, and warns once where it will end with the session. A --rm container that could not be started is removed.
 * --pidfile is written by the monitor, before this returns.
 *
 * Return: 0 or a negative errno.
 */
must_check int launch(struct engine *engine, const struct container_config *config,
		      const struct launch_options *options, struct launch_result *out,
		      struct err *err);
