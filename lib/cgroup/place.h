/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place - where a process stands in the tree of control groups (version 2)
 *
 *	/proc/PID/cgroup	"0::/user.slice/…": the path of its group, below the mount of cgroup2
 *	/sys/fs/cgroup		that mount; or a tmpfs with the hierarchies of version 1 in it (hybrid), where
 *				version 2 is mounted at unified/ and has no controllers
 *
 * A group may be used by whom its folder and cgroup.procs belong to: systemd gives a user's own manager such a
 * part of the tree, a unit with Delegate=yes its own, a batch scheduler a job's.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "oci/resources.h"

enum cgroup_kind {
	CGROUP_NONE,   /* no control groups, or only those of version 1 */
	CGROUP_HYBRID, /* version 2, but version 1 has the controllers */
	CGROUP_UNIFIED,
};

struct cgroup_place {
	enum cgroup_kind kind;
	char *mount; /* of cgroup2; NULL: there is none */
	char *path; /* of the process's group below it, "/" or "/a/b"; NULL: not to be seen from here */
};

/**
 * cgroup_place_read() - find where a process stands
 * @root:	"" for this machine; else a folder with proc and sys in it, for tests
 * @pid:	as /proc has it; 0: this process
 * @out:	filled; to be released with cgroup_place_clear
 */
void cgroup_place_read(const char *root, int pid, struct cgroup_place *out);

/**
 * cgroup_place_clear() - release what it owns
 * @place:	zeroed afterwards
 */
void cgroup_place_clear(struct cgroup_place *place);

static inline void auto_cgroup_place(struct cgroup_place *place)
{
	cgroup_place_clear(place);
}

/**
 * cgroup_open() - the folder of a group
 * @place:	with a mount
 * @path:	of the group, below the mount
 *
 * Return: the descriptor, or a negative errno.
 */
must_check int cgroup_open(const struct cgroup_place *place, const char *path);

/**
 * cgroup_is_ours() - whether this process may make groups in a group and move processes there
 * @dir:	of the group
 *
 * Return: whether that is so.
 */
must_check bool cgroup_is_ours(int dir);

/**
 * cgroup_controllers() - what a group can limit
 * @dir:	of the group
 * @file:	"cgroup.controllers": itself; "cgroup.subtree_control": the groups in it
 *
 * Return: CONTROLLER_BIT() of each; those that have no name of ours are CONTROLLER_OTHER.
 */
must_check unsigned int cgroup_controllers(int dir, const char *file);

/**
 * cgroup_print_controllers() - names of controllers
 * @set:	bits
 *
 * Return: "cpu memory", to be freed; "" for none.
 */
must_check char *cgroup_print_controllers(unsigned int set);
