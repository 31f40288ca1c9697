/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * group - one control group: its settings, its processes, its end
 *
 * A group that holds processes cannot give controllers to the groups in it. So who wants to limit a part of its
 * processes first empties itself into a leaf: GROUP_REST.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "cgroup/setting.h"

/* Where what was in a group goes when groups are made in it. */
#define GROUP_REST "cubby-rest"

/**
 * group_make() - make a group, or find it
 * @parent:	folder of the group that it is made in
 * @name:	of the new one
 *
 * Return: its folder, or a negative errno.
 */
must_check int group_make(int parent, const char *name);

/**
 * group_add() - move a process into a group
 * @dir:	of the group
 * @pid:	as the caller sees it; 0 is the caller
 *
 * Return: 0 or a negative errno; -EACCES where the way there leads through a group that is not the caller's.
 */
must_check int group_add(int dir, pid_t pid);

/**
 * group_give() - let the groups in a group use controllers
 * @dir:	of the group
 * @set:	CONTROLLER_BIT() of each; those that have no name of ours are left out
 * @err:	what failed
 *
 * Processes that are in it are moved to GROUP_REST, if they are in the way.
 *
 * Return: 0 or a negative errno.
 */
must_check int group_give(int dir, unsigned int set, struct err *err);

/**
 * group_set() - write settings
 * @dir:	of the group
 * @list:	what is written
 * @err:	names the file and the value
 *
 * Return: 0 or a negative errno.
 */
must_check int group_set(int dir, const struct settings *list, struct err *err);

/**
 * group_number() - a number of a file with lines "NAME NUMBER"
 * @dir:	of the group
 * @file:	memory.events, cgroup.events, …
 * @name:	of the line
 *
 * Return: the number; 0 when it is not there.
 */
must_check int64_t group_number(int dir, const char *file, const char *name);

/**
 * group_freeze() - stop or continue all processes of a group
 * @dir:	of the group
 * @on:		whether to stop
 * @err:	what failed
 *
 * Returns when they stand still. One that waits for a disk may be later: it is not awaited longer than a second.
 *
 * Return: 0 or a negative errno.
 */
must_check int group_freeze(int dir, bool on, struct err *err);

/**
 * group_remove() - end what is left in a group, and remove it
 * @path:	of its folder
 *
 * Return: 0, also when it is gone; -EBUSY when a process does not end; otherwise a negative errno.
 */
must_check int group_remove(const char *path);
