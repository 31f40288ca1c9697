/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * await - waiting for a container to be in some state, or to have a health
 *
 * Records are watched by inotify, monitors by pidfd: nothing is asked again and again.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"

enum await_condition {
	AWAIT_CONFIGURED, /* the record is there */
	AWAIT_CREATED,	  /* it was never started */
	AWAIT_INITIALIZED,
	AWAIT_RUNNING,
	AWAIT_PAUSED,
	AWAIT_STOPPED, /* as exited */
	AWAIT_EXITED,
	AWAIT_REMOVING,
	AWAIT_REMOVED,
	AWAIT_NOT_RUNNING, /* nor paused, nor to be started again */
	AWAIT_NEXT_EXIT,   /* an end that comes from now on */
	AWAIT_RESTARTING,
	AWAIT_DEAD,
	AWAIT_HEALTHY,
	AWAIT_UNHEALTHY,
};

/* Names of enum await_condition, both ways. */
extern const char *const await_condition_names[];

/**
 * container_await() - wait until one of several containers is in one of several states
 * @engine:	the engine
 * @ids:	full ids
 * @conditions:	1 << enum await_condition, joined
 * @timeout:	nanoseconds; negative: without end
 * @out_which:	index of the first container that is; set on success only
 * @out_status:	0 to 255 when it has ended, else -1; set on success only
 * @err:	what cannot be watched
 *
 * One that is removed meanwhile counts as ended; its status is that of the last event about it. When only a
 * health is waited for, a container that has ended or has no health check is an error.
 *
 * Return: 0; -ENOENT when one is removed and no condition is met by that; -ESRCH and -ENODATA when a health
 * cannot come; -ETIME when the time is over; otherwise a negative errno.
 */
must_check int container_await(struct engine *engine, const struct strv *ids,
			       unsigned int conditions, int64_t timeout, size_t *out_which,
			       int *out_status, struct err *err);

/**
 * container_await_running() - wait until a container runs, even one that is not there yet
 * @engine:	the engine
 * @name:	name, id or the beginning of an id
 * @timeout:	nanoseconds
 * @out_id:	full id, to be freed; set on success only
 * @err:	that the time is over
 *
 * Return: 0; -ETIME when it does not run in time; otherwise a negative errno.
 */
must_check int container_await_running(struct engine *engine, const char *name, int64_t timeout,
				       char **out_id, struct err *err);
