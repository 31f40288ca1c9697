/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wiring - a container's networks while it lives: connecting, disconnecting, and holders that were killed
 *
 * Everything here is done by the container's monitor.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "engine/engine.h"
#include "engine/plug.h"
#include "monitor/monitor.h"

struct wiring {
	struct engine *engine;
	const struct container_config *config;
	struct container_state *state;
	struct monitor *monitor;
	struct plug *plug;
	int dir;   /* the container's folder */
	int root;  /* its root, or -1 while it does not run */
	int netns; /* its network namespace, or -1 likewise */
};

/**
 * wiring_watch() - watch over the holders of all networks
 * @w:	must stay where it is until wiring_end()
 */
void wiring_watch(struct wiring *w);

/**
 * wiring_connect() - put the container on a network
 * @w:		watching
 * @json:	of members_save(); for the default network, without descriptors, of its endpoint
 * @size:	bytes
 * @fds:	of the membership; closed by the caller
 * @count:	how many
 * @err:	what failed; nothing has changed then
 *
 * Return: 0 or a negative errno.
 */
must_check int wiring_connect(struct wiring *w, const char *json, size_t size, const int *fds,
			      size_t count, struct err *err);

/**
 * wiring_disconnect() - take the container off a network
 * @w:		watching
 * @network:	its name
 * @err:	what failed
 *
 * Return: 0; -ENOENT when it is not on it; otherwise a negative errno.
 */
must_check int wiring_disconnect(struct wiring *w, const char *network, struct err *err);

/**
 * wiring_renamed() - tell the networks' holders the container's new name, and what it calls others
 * @w:	watching; its state has the name
 */
void wiring_renamed(struct wiring *w);

/**
 * wiring_end() - leave all networks
 * @w:	may not watch yet
 */
void wiring_end(struct wiring *w);
