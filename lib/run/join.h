/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * join - entering the namespaces of another container before a fork
 *
 * The child inherits them. This works also where the child gets a user namespace of its own, from
 * inside which it could not enter a namespace of an outer owner. Nobody without root can go back to
 * the host's namespaces, so a process that exists for nothing else does this.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* Each a pidfd of a member or a namespace descriptor, or -1. */
struct join {
	int pid, net, ipc, uts;
};

/**
 * join_any() - whether anything is shared
 * @j:	looked at
 *
 * Return: whether a descriptor is there.
 */
bool join_any(const struct join *j);

/**
 * join_enter() - enter all that is shared
 * @j:		what
 * @err:	names the namespace
 *
 * Return: 0 or a negative errno.
 */
must_check int join_enter(const struct join *j, struct err *err);

/**
 * join_shm() - the shared memory of a container whose ipc namespace is shared
 * @member:	pidfd of its PID 1
 * @err:	what failed
 *
 * Enters the container's mount namespace for a moment: a mount is copied only from within.
 *
 * Return: a copy of its /dev/shm, mounted nowhere yet, or a negative errno.
 */
must_check int join_shm(int member, struct err *err);
