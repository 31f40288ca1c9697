/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rest - between two runs of a container that is started again
 *
 * The monitor stays. When a run has ended, who waited for its end hears it and is hung up on, the record
 * says "restarting", and mounts, network and processes are gone; after a while all is made anew. Nobody
 * else takes part: no lock is held, so every command works meanwhile; who holds the container's lock (cp)
 * delays the next start. Who ends the container while it
 * rests has ended it for good.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "monitor/inside.h"

/**
 * rest_new() - read the policy of the container
 * @m:		has its loop
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int rest_new(struct monitor *m, struct err *err);

/**
 * rest_started() - a run has begun
 * @m:	started
 */
void rest_started(struct monitor *m);

/**
 * rest_wanted() - whether there is a further run
 * @m:	PID 1 has ended with m->status
 *
 * Return: the answer.
 */
bool rest_wanted(const struct monitor *m);

/**
 * rest_begin() - end a run and wait for the next one
 * @m:	PID 1 has ended
 */
void rest_begin(struct monitor *m);

/**
 * rest_force() - start it again when it ends, whatever the policy says, and at once
 * @m:	running, and about to be stopped
 */
void rest_force(struct monitor *m);

/**
 * rest_ready() - a client has gone: the next run may have waited for that
 * @m:	any
 */
void rest_ready(struct monitor *m);

/**
 * rest_last() - there is no further run
 * @m:		any; ended at once when it rests
 * @by_user:	remembered in the record: unless-stopped
 */
void rest_last(struct monitor *m, bool by_user);
