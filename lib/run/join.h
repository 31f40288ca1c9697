/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * join - being in another container's namespaces for the length of a fork
 *
 * The child inherits them. This works also where the child gets a user namespace of its own, from
 * inside which it could not enter a namespace of an outer owner.
 */
#pragma once

#include "base/err.h"

struct join {
	int pid, net, ipc, uts; /* where to go back to, or -1 */
};

#define JOIN_NONE ((struct join){ .pid = -1, .net = -1, .ipc = -1, .uts = -1 })

/**
 * join_enter() - enter the namespaces that are shared
 * @j:		JOIN_NONE; remembers the way back
 * @pid:	pidfd of a member or a namespace descriptor, or -1
 * @net:	likewise
 * @ipc:	likewise
 * @uts:	likewise
 * @err:	names the namespace
 *
 * Return: 0 or a negative errno; what was entered is left by join_leave() in any case.
 */
must_check int join_enter(struct join *j, int pid, int net, int ipc, int uts, struct err *err);

/**
 * join_leave() - go back
 * @j:	JOIN_NONE afterwards
 *
 * Aborts when that fails: the process would go on in a container's namespace.
 */
void join_leave(struct join *j);

static inline void auto_join(struct join *j)
{
	join_leave(j);
}
