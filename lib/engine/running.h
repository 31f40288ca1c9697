/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * running - verbs on containers that run: through their monitor
 *
 * What a container's state forbids is refused with the sentence of store/transition.h; what is so
 * already succeeds.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"
#include "monitor/client.h"
#include "store/transition.h"

/**
 * running_connect() - reach the monitor of a container that runs
 * @engine:	the engine
 * @id:		full id
 * @out:	to be released with client_free; set on success only
 * @err:	that it does not run, or why it cannot be reached
 *
 * Return: 0; -ENOENT; -ESRCH when it does not run, or runs on another host; otherwise a negative errno.
 */
must_check int running_connect(struct engine *engine, const char *id, struct monitor_client **out,
			       struct err *err);

/**
 * running_check() - whether the state of a container allows a verb
 * @engine:	the engine
 * @id:		full id
 * @verb:	what shall happen
 * @err:	why not
 *
 * Return: 1 when it is to be done; 0 when it is so already; -EPERM when the state forbids it; otherwise a
 * negative errno.
 */
must_check int running_check(struct engine *engine, const char *id, enum container_verb verb,
			     struct err *err);

/**
 * running_stop() - stop a container: its signal, then SIGKILL
 * @engine:	the engine
 * @id:		full id
 * @signal:	number, 0 for the container's own
 * @timeout:	seconds until SIGKILL; negative for the container's own
 * @err:	what failed
 *
 * Returns when it has ended and its record says so.
 *
 * Return: 0, also for one that does not run; otherwise a negative errno.
 */
must_check int running_stop(struct engine *engine, const char *id, int signal, int timeout,
			    struct err *err);

/**
 * running_kill() - send a container's PID 1 a signal
 * @engine:	the engine
 * @id:		full id
 * @signal:	number
 * @err:	that it does not run, or what failed
 *
 * After SIGKILL it returns when the container has ended.
 *
 * Return: 0; -EPERM when it does not run; otherwise a negative errno.
 */
must_check int running_kill(struct engine *engine, const char *id, int signal, struct err *err);

/**
 * running_pause() - stop every process of a container, or let them go on
 * @engine:	the engine
 * @id:		full id
 * @on:		whether to pause
 * @err:	what forbids it, or what failed
 *
 * Return: 0; -EPERM when the state forbids it; otherwise a negative errno.
 */
must_check int running_pause(struct engine *engine, const char *id, bool on, struct err *err);

/**
 * running_wait() - wait until a container has ended
 * @engine:	the engine
 * @id:		full id
 * @out_status:	0 to 255; that of the last run when it does not run; set on success only
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int running_wait(struct engine *engine, const char *id, int *out_status,
			    struct err *err);

/**
 * running_shut_down() - stop a container as a shutdown of the machine does
 * @engine:	the engine
 * @id:		full id
 * @err:	what failed
 *
 * As running_stop() with the container's own signal and time, but it is not taken for the user's wish: at the
 * next boot it is started as its restart policy says.
 *
 * Return: 0, also for one that does not run; otherwise a negative errno.
 */
must_check int running_shut_down(struct engine *engine, const char *id, struct err *err);

/**
 * running_reload() - let a configuration that was changed take effect
 * @engine:	the engine
 * @id:		full id; the caller holds its LOCK_CONTAINER and has saved the configuration
 * @err:	what failed
 *
 * A monitor takes the restart policy, the health checks, the stop signal and times at once; what listings show
 * of them is changed in the state by it, or here when none lives.
 *
 * Return: 0; -ENOSYS for a monitor of an older version; otherwise a negative errno.
 */
must_check int running_reload(struct engine *engine, const char *id, struct err *err);

/**
 * running_check_health() - check a container's health now
 * @engine:	the engine
 * @id:		full id
 * @err:	that it does not run or has no check, or what failed
 *
 * Return: 0 when the check succeeded, 1 when not; -ESRCH; -ENOENT; otherwise a negative errno.
 */
must_check int running_check_health(struct engine *engine, const char *id, struct err *err);

/**
 * running_rename() - give a container another name
 * @engine:	the engine
 * @id:		full id
 * @name:	the new one
 * @err:	what failed; -EEXIST names the holder of the name
 *
 * Return: 0; -EEXIST; -EINVAL; otherwise a negative errno.
 */
must_check int running_rename(struct engine *engine, const char *id, const char *name,
			      struct err *err);
