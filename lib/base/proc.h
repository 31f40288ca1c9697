/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * proc - processes: starting helpers, holding them by pidfd, telling one from a later one
 *
 * A pid that was stored counts only together with its start time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* What a child gets at its descriptor numbers; the rest is closed. */
struct spawn_fd {
	int from; /* negative: /dev/null */
	int to;	  /* 0, 1, 2, 3, ... */
};

struct spawn {
	const char *path;	    /* a path; no look-up */
	char *const *argv;	    /* argv[0] included, NULL at the end */
	char *const *envp;	    /* NULL: an empty environment */
	const struct spawn_fd *fds; /* 0, 1 and 2 are /dev/null unless named */
	size_t fd_count;
	bool die_with_parent; /* SIGKILL when the parent's thread ends */
	bool group;	      /* leads a process group of its own */
	const char *folder;   /* its working directory; NULL: the caller's */
};

/**
 * spawn_start() - start a program with default signals and only the named descriptors
 * @spawn:	what to start
 * @out_pidfd:	pidfd of the child, owned by the caller; set on success only
 * @err:	names the program
 *
 * The child's signal mask is empty and ignored signals are default again. Returns after the
 * child's execve succeeded or failed.
 *
 * Return: the child's pid, or a negative errno; -ENOENT when the program is not there.
 */
must_check pid_t spawn_start(const struct spawn *spawn, int *out_pidfd, struct err *err);

/**
 * proc_wait() - wait for a child of ours and reap it
 * @pidfd:	pidfd of the child
 *
 * Return: the exit status 0 to 255; 128 + n when signal n ended it; or a negative errno.
 */
must_check int proc_wait(int pidfd);

/**
 * proc_start_time() - when a process started, to tell it from a later one of the same number
 * @pid:	as seen in the /proc of the caller
 * @out:	clock ticks since the machine started; set on success only
 *
 * Source: proc(5), /proc/pid/stat field 22.
 *
 * Return: 0; -ESRCH when there is no such process.
 */
must_check int proc_start_time(pid_t pid, uint64_t *out);

/**
 * proc_open() - pidfd of a process, if it is still the one that was recorded
 * @pid:	as seen in the /proc of the caller
 * @start:	its start time as proc_start_time() gave it
 *
 * Return: the pidfd, owned by the caller; -ESRCH when it is gone or another.
 */
must_check int proc_open(pid_t pid, uint64_t start);

/**
 * proc_host_pid() - the number by which the mounted /proc knows a process
 * @pidfd:	of the process
 *
 * Return: the pid; -ESRCH when it has ended or is not visible there.
 */
must_check pid_t proc_host_pid(int pidfd);

/**
 * proc_signals_reset() - default handlers for every signal and an empty mask
 *
 * For a child between fork and exec, and for the monitor.
 */
void proc_signals_reset(void);

/**
 * proc_raise_files() - allow as many open files as the hard limit does
 *
 * A process may always raise its own soft limit that far.
 */
void proc_raise_files(void);

/**
 * proc_files() - how many descriptors this process may have open
 *
 * Return: the soft limit.
 */
size_t proc_files(void);

/**
 * proc_retitle() - change the words by which ps(1) shows this process
 * @title:	cut to the room that the words it was started with leave
 *
 * Their memory is overwritten: to be called by a forked child that does not use argv any more, nor
 * anything that points into it.
 */
void proc_retitle(const char *title);
