/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * userns - becoming root of a user namespace: a fresh one, or one that lives already
 *
 * A child made here is uid 0 and gid 0 in the namespace, with all capabilities there. It keeps the
 * caller's supplementary groups, through which it may reach files of the host (sources of mounts);
 * whoever starts a program in a container sets the groups exactly. A fresh namespace gets its map from newuidmap and newgidmap, both running at once, or is written directly with one
 * id or as real root.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "kern/host.h"
#include "kern/idmap.h"

enum identity {
	IDENTITY_RANGES, /* sub-ids, through newuidmap and newgidmap */
	IDENTITY_ONE_ID, /* the caller's own id alone */
	IDENTITY_ROOT,	 /* real root: identity over the ids at hand */
};

/* Names of enum identity, both ways: "ranges", "one-id", "root". */
extern const char *const identity_names[];

struct identity_plan {
	enum identity kind;
	struct idmap uids;
	struct idmap gids;
	char *newuidmap; /* paths; IDENTITY_RANGES only */
	char *newgidmap;
	char *why;    /* for one id: why there are no ranges, one sentence; else NULL */
	char *repair; /* with why: the command that mends it, or NULL */
	bool granted; /* with why: there are sub-ids all the same, which cannot be used */
};

/**
 * identity_choose() - how this caller gets ids
 * @host:	facts; sub-id files, then libsubid where nsswitch names another source
 * @out:	to be released with identity_clear; set on success only
 * @err:	what cannot be read
 *
 * Chooses one id where there are no ranges or the two programs are missing or lack their rights,
 * and says why in the plan.
 *
 * Return: 0 or a negative errno.
 */
must_check int identity_choose(const struct host *host, struct identity_plan *out, struct err *err);

/**
 * identity_clear() - release a plan
 * @plan:	empty afterwards
 */
void identity_clear(struct identity_plan *plan);

/**
 * userns_fork() - fork a child that is root of a user namespace
 * @plan:	the ids of a fresh namespace; not used with @join
 * @join:	pidfd of a process whose user namespace is entered, or -1 for a fresh one
 * @flags:	further CLONE_NEW* flags for the child, for example CLONE_NEWPID | CLONE_NEWNS;
 *		0 for none. In a new pid namespace the child is PID 1. It is always a direct child
 *		of the caller.
 * @out_pidfd:	in the parent: pidfd of the child, owned by the caller; set on success only
 * @err:	in the parent: what failed; in the child nothing is reported and it exits with 125
 *
 * The child returns from this function only when its ids are in place. Both sides see 0 as in
 * fork(2) in the child.
 *
 * Return: the child's pid in the parent; 0 in the child; -ESRCH when the process of @join is gone;
 * -EPERM with a hint when the kernel forbids user namespaces; otherwise a negative errno.
 */
must_check pid_t userns_fork(const struct identity_plan *plan, int join, uint64_t flags,
			     int *out_pidfd, struct err *err);

/**
 * userns_same() - whether a process is in a namespace with this plan's maps, made by this user
 * @plan:	the wanted maps
 * @pid:	as seen in the caller's /proc
 *
 * Compares /proc/pid/uid_map and gid_map, and that the parent namespace is the caller's.
 *
 * Return: whether it may be joined.
 */
bool userns_same(const struct identity_plan *plan, pid_t pid);

static inline void auto_identity(struct identity_plan *plan)
{
	identity_clear(plan);
}
