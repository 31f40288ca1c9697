/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * process - the last steps of a process inside its container, for run and exec alike
 *
 * The order is the point:
 *	(1) descriptors are placed; all others close by execve;
 *	(2) limits, umask, niceness, signals, a new session keyring;
 *	(3) bounding set, groups, group, user, while still capable of it;
 *	(4) the filter goes in as late as it can: with no_new_privs after everything, without it while
 *	    CAP_SYS_ADMIN is held, which goes with the next call;
 *	(5) execveat of a sealed copy of cubby-init, which becomes or starts the program.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "oci/runtime_spec.h"
#include "run/run.h"

struct process {
	const struct runtime_spec *spec; /* "process" of it; seccomp is not looked at */
	bool may_set_groups;		 /* false with one id, where the kernel forbids it */
	const void *filter;		 /* BPF, or NULL */
	size_t filter_size;
	struct run_io io; /* as process_io() left it; not looked at with a terminal */
	int terminal;	  /* slave side, or negative */
	const int *extra; /* become 3, 4, ...; -1: stays closed */
	size_t extra_count;
	int exchange;
	int notice;   /* where the listener of its socket calls goes (run/notice.h), or -1 */
	bool bound;   /* no pid namespace ends this process with the caller: a signal does */
	pid_t parent; /* the caller as seen from here: 0 in another pid namespace */
};

/**
 * process_cwd() - enter the working directory
 * @root:	of the container
 * @spec:	cwd, and uid and gid that a missing one is given to
 * @make:	whether a missing one is made
 * @err:	names the directory
 *
 * Return: 0; -ENOENT; -ENOTDIR and what else is wrong with it; -EPERM when it is not inside the root.
 */
must_check int process_cwd(int root, const struct runtime_spec *spec, bool make, struct err *err);

/**
 * process_io() - put the host's /dev/null where no standard descriptor was given
 * @io:		negative ones are replaced; what is opened goes with the program's execve
 * @err:	that there is no /dev/null
 *
 * To be called before the container's root is entered: its /dev/null may be anything, or missing.
 *
 * Return: 0 or a negative errno.
 */
must_check int process_io(struct run_io *io, struct err *err);

/**
 * process_score() - set how willingly the kernel kills this process when memory is short
 * @spec:	of which the score is taken, when there is one
 * @err:	that it cannot be lowered
 *
 * To be called before the container's root is entered, and while the process can be looked into.
 *
 * Return: 0 or a negative errno.
 */
must_check int process_score(const struct runtime_spec *spec, struct err *err);

/**
 * process_give_pipes() - give the pipes among the standard descriptors to the container's user
 * @p:	io
 *
 * So that it may reopen /dev/stdout. What is no anonymous pipe is left alone.
 */
void process_give_pipes(const struct process *p);

/**
 * process_become() - be the program
 * @p:		described; the working directory is entered already
 * @err:	which step failed
 *
 * Return: only on failure, a negative errno.
 */
int process_become(const struct process *p, struct err *err);
