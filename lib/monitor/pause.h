/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pause - stopping every process of a container at once
 *
 * The monitor is the init of a pid namespace that holds the container and nothing else but its own
 * helpers. One kill(2) for all reaches every process there under the kernel's own lock: a process
 * that is being forked is either stopped with the others, or its fork is tried again once its parent
 * goes on. So there is no scanning, and nothing escapes. SIGSTOP from an outer pid namespace also stops
 * a container's PID 1. What differs from the cgroup freezer: a parent inside that asks for it
 * (WUNTRACED) sees its children stopped, and those that were stopped before go on with the others.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/**
 * pause_all() - stop or continue all processes below this one
 * @stop:	whether to stop them
 * @helpers:	pidfds of processes that must go on: network, file system
 * @count:	how many
 * @err:	why it cannot be done: the container has no pid namespace of its own
 *
 * Return: 0; -EOPNOTSUPP; otherwise a negative errno.
 */
must_check int pause_all(bool stop, const int *helpers, size_t count, struct err *err);
