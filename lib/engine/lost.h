/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lost - containers whose monitor was killed
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "store/container.h"

/**
 * lost_settle() - load a container's state, after making true what a killed monitor left open
 * @engine:	the engine
 * @id:		full id; the caller holds its LOCK_CONTAINER
 * @out:	to be released with container_state_free; set on success only
 * @err:	what failed
 *
 * When the monitor is gone, what is left of PID 1 is killed and awaited, and the state is written as
 * exited. A container of another host is loaded as recorded.
 *
 * Return: 0; -ENOENT; -EBADMSG; otherwise a negative errno.
 */
must_check int lost_settle(struct engine *engine, const char *id, struct container_state **out,
			   struct err *err);
