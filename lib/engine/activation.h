/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * activation - descriptors that systemd, or who speaks as it does, handed to this command
 *
 * Sockets that have the address of a published port are listened on in its place (net/activated.h). All others
 * become the container's: descriptors 3 and up, with LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID as its first
 * program expects them. The monitor keeps them all, for what it starts again and for `restart`.
 *
 * Source: sd_listen_fds(3).
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "engine/engine.h"
#include "store/container.h"

enum { ACTIVATION_MAX = 31 }; /* one message carries them, and one more */

struct activation {
	int fds[ACTIVATION_MAX];
	size_t count;
	struct strv names; /* of each, where they are known */
};

/**
 * activation_take() - take what this process was handed
 * @host:	the environment
 * @out:	what was; to be released with activation_clear; set on success only
 * @err:	names the variable or the descriptor that is wrong
 *
 * What is meant for another process is no business of ours: then there is nothing.
 *
 * Return: 0 or -EINVAL.
 */
must_check int activation_take(const struct host *host, struct activation *out, struct err *err);

/**
 * activation_of() - what the monitor of a container that runs was handed
 * @engine:	the engine
 * @id:		full id
 * @out:	what was; to be released with activation_clear; empty when it does not run
 *
 * A monitor that is older was handed nothing.
 */
void activation_of(struct engine *engine, const char *id, struct activation *out);

/**
 * activation_rest() - what becomes the container's
 * @activation:	what was handed
 * @config:	of the container
 * @out_fds:	room for ACTIVATION_MAX; they stay those of @activation
 * @env:	gets the variables; as it is when nothing is left
 *
 * Return: how many.
 */
size_t activation_rest(const struct activation *activation, const struct container_config *config,
		       int out_fds[ACTIVATION_MAX], struct strv *env);

/**
 * activation_clear() - close and release
 * @activation:	empty afterwards
 */
void activation_clear(struct activation *activation);

static inline void auto_activation(struct activation *activation)
{
	activation_clear(activation);
}
