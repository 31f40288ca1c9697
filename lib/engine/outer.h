/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outer - entering the user's one outer user namespace
 *
 * There is one for each user and store, always with the full map; it lives as long as any monitor in
 * it. Who needs it joins the one of a live monitor, or makes a fresh one: under LOCK_USERNS, which is
 * held for those two milliseconds.
 */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "engine/engine.h"

/**
 * outer_fork() - fork a child that is root in the outer user namespace
 * @engine:	the engine
 * @flags:	further namespaces: CLONE_NEWNS, CLONE_NEWPID | CLONE_NEWNS, or 0
 * @joinable:	whether others may join the child's namespace: for monitors, which live long; it is
 *		then the one recorded in the store
 * @out_pidfd:	in the parent: pidfd of the child, owned by the caller; set on success only
 * @err:	in the parent: what is missing, with the repair
 *
 * As fork(2): the child returns 0 with its ids in place; it shares no namespace that @flags names.
 *
 * Return: the child's pid in the parent, 0 in the child, or a negative errno.
 */
must_check pid_t outer_fork(struct engine *engine, uint64_t flags, bool joinable, int *out_pidfd,
			    struct err *err);

/* What a child of outer_run() does; returns 0 or a negative errno with the sentence set. */
typedef int (*outer_fn)(void *data, struct err *err);

/**
 * outer_run() - do something as root of the outer user namespace and wait for it
 * @engine:	the engine
 * @flags:	as outer_fork()
 * @fn:		runs in a child: what it changes in memory is lost
 * @data:	handed to @fn
 * @err:	what the child's error said, or how it ended
 *
 * Return: what @fn returned, or a negative errno.
 */
must_check int outer_run(struct engine *engine, uint64_t flags, outer_fn fn, void *data,
			 struct err *err);

/**
 * outer_run_joinable() - the same in the namespace that others join
 * @engine:	the engine
 * @flags:	as outer_fork()
 * @fn:		runs in a child; what it leaves behind can be joined (outer_hold)
 * @data:	handed to @fn
 * @err:	as outer_run()
 *
 * Where there is no such namespace, the one that is made for @fn becomes it.
 *
 * Return: what @fn returned, or a negative errno.
 */
must_check int outer_run_joinable(struct engine *engine, uint64_t flags, outer_fn fn, void *data,
				  struct err *err);

/**
 * outer_run_until() - as outer_run(), for what can be ended on the way
 * @engine:	the engine
 * @flags:	as outer_fork()
 * @fn:		runs in a child that leads a process group of its own
 * @data:	handed to @fn
 * @until:	when it can be read, the child is killed with all that is in its group
 * @err:	as outer_run(), or that it was interrupted
 *
 * Nothing of the group is left when this returns for that reason.
 *
 * Return: what @fn returned; -EINTR; otherwise a negative errno.
 */
must_check int outer_run_until(struct engine *engine, uint64_t flags, outer_fn fn, void *data,
			       int until, struct err *err);
