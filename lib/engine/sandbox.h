/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sandbox - one monitor that serves the steps of a build, one after the other
 *
 * Each step is a container with a record of its own. What it gets anew, and what goes with it: the record and its
 * folder, the root (its upper folder becomes the step's layer), the namespaces pid, mount, ipc, uts and cgroup, the
 * files of /etc that are mounted, secrets, streams, the keyring. Every process of a step is in its pid namespace and
 * ends with it. What lives on from one step to the next:
 *
 *	the monitor		root of the outer user namespace, init of an outer pid namespace
 *	the network namespace	with the cubby-net that serves it; no step has a right over it, and one in which a
 *				connection is still ending is not used again
 *
 * A monitor whose mounts are not those that it began with after a step ends.
 *
 *	who builds			monitor
 *	  STEP id + socket, lock  --->
 *	  <--- STARTED or FAILED by that socket, as from any monitor
 *	  ...
 *	  closes its end		ends, with all that it holds
 *
 * A monitor that could not start a step, or that was killed, hangs up: the next step has a new one. Steps that ask for
 * another network or other rights have another one (sandbox_like), two of which wait at a time; what fits none
 * (sandbox_fits) has one for itself.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "store/container.h"

enum { SANDBOX_MONITORS = 2 };

struct sandbox_monitor {
	int sock;
	char *like; /* of the steps that it serves; NULL: there is none */
};

/* Zeroed: there is none yet. */
struct sandbox {
	struct sandbox_monitor monitors[SANDBOX_MONITORS];
	size_t oldest;
};

struct sandbox_step {
	char id[CONTAINER_ID_HEX + 1];
	int sock; /* who starts it hears of it here */
	int lock; /* LOCK_CONTAINER, until it has started */
};

/**
 * sandbox_fits() - whether a container can be served by a monitor that serves others after it
 * @config:	of the container
 *
 * Return: no where it may change what lives on, shares it with others, or is limited as a whole.
 */
bool sandbox_fits(const struct container_config *config);

/**
 * sandbox_like() - all of a configuration that steps of one sandbox have in common
 * @config:	fits
 *
 * Return: a text to be compared, to be freed.
 */
must_check char *sandbox_like(const struct container_config *config);

/**
 * sandbox_take() - have a step served, by the monitor that is there or by a new one
 * @sandbox:	whose monitor is asked, or that is to have a new one, in place of the oldest
 * @config:	of the step
 * @limited:	whether something holds it to limits as a whole
 * @sock:	where the monitor answers
 * @lock:	LOCK_CONTAINER
 * @out_nest:	what a new monitor hears the next steps by; set with 0 where it may serve others
 * @err:	what failed
 *
 * Return: 1 when the monitor that is there was asked, 0 when the caller has to start one; or a negative errno.
 */
must_check int sandbox_take(struct sandbox *sandbox, const struct container_config *config,
			    bool limited, int sock, int lock, int *out_nest, struct err *err);

/**
 * sandbox_left() - whether the monitor that was asked has ended without a word
 * @sock:	the caller's end of what it answers by, which something has happened to
 *
 * One that finds mounts changed under it serves no other step, and may be asked before that shows.
 *
 * Return: yes where the step is to be taken elsewhere.
 */
bool sandbox_left(int sock);

/**
 * sandbox_hear() - wait for the next step, in the monitor
 * @sock:	the monitor's end
 * @out:	its descriptors are the caller's; set on success only
 *
 * Return: 0; -EPIPE when there will be none.
 */
must_check int sandbox_hear(int sock, struct sandbox_step *out);

/**
 * sandbox_end() - let go of the monitors, which end
 * @sandbox:	fit for others
 */
void sandbox_end(struct sandbox *sandbox);
