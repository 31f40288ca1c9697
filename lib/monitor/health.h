/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * health - checking the health of a monitor's container
 *
 * A check runs in the container as an exec'd process, below a process of its own (checks.h) that ends it and
 * its children when it takes too long; the monitor hears one message when it is over, and is never kept
 * waiting. One check runs at a time, none while the container is paused, is being stopped or has ended.
 */
#pragma once

#include "base/err.h"
#include "monitor/inside.h"

/**
 * health_new() - make ready
 * @m:		has its loop and configuration
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int health_new(struct monitor *m, struct err *err);

/**
 * health_begin() - a run has begun: its health is "starting"
 * @m:	its record is not written yet
 */
void health_begin(struct monitor *m);

/**
 * health_rest() - check no more; a check that runs is ended without a result
 * @m:	any
 */
void health_rest(struct monitor *m);

/**
 * health_go_on() - check again, after a pause
 * @m:	started
 */
void health_go_on(struct monitor *m);

/**
 * health_change() - the configuration is another one
 * @m:	any; its record is written afterwards
 *
 * Health that was known stays so.
 */
void health_change(struct monitor *m);

/**
 * health_ask() - check now, for a client that waits for the result
 * @m:		any
 * @c:		answered later: DONE with 0 when the check succeeded, else 1; or FAILED
 * @err:	why it cannot be checked
 *
 * Joins a check that runs already.
 *
 * Return: 0; -ENOENT when there is no check; -ESRCH; otherwise a negative errno.
 */
must_check int health_ask(struct monitor *m, struct client *c, struct err *err);

/**
 * health_free() - release
 * @m:	any
 */
void health_free(struct monitor *m);
