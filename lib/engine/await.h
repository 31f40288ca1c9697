/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * await - waiting until a container is in a state, or has a health
 *
 * The record is looked at whenever it is replaced, and when a monitor ends; nobody is asked again and again.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"

/**
 * await_check() - refuse what is no condition
 * @conditions:	created, running, paused, restarting, removing, exited, stopped, dead, healthy, unhealthy,
 *		and podman's configured and initialized, which are created
 * @err:	lists them
 *
 * Return: 0 or -EINVAL.
 */
must_check int await_check(const struct strv *conditions, struct err *err);

/**
 * await_any() - wait until one of several conditions holds
 * @engine:	the engine
 * @id:		full id
 * @conditions:	checked; "exited" when there are none
 * @out_status:	exit status where it has ended, else -1; set on success only
 * @err:	what failed
 *
 * A container that has ended cannot become healthy: that is an error, as is one without a health check.
 *
 * Return: 0; -ENOENT when it is gone; -ESRCH and -ENODATA when it cannot come true; otherwise a negative
 * errno.
 */
must_check int await_any(struct engine *engine, const char *id, const struct strv *conditions,
			 int *out_status, struct err *err);
