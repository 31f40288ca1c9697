/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * processes - the processes of containers, read from the host's /proc
 *
 * A process belongs to a container when it lives in the pid namespace of its PID 1, or when its parent
 * belongs to it. Where that namespace is the host's, only the second counts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct process {
	int pid, ppid, pgid, nice, threads;
	ino_t pid_ns;
	char state;
	char *comm;
	dev_t tty;
	uint64_t ticks, start_ticks; /* used; since the machine started */
	uint64_t waited_ticks;	     /* used by children that it has waited for */
	uint64_t vsz, rss;	     /* KiB */
	bool ours;		     /* set by processes_mark() */
};

struct processes {
	struct process *items; /* by ascending pid */
	size_t count;
	int proc; /* /proc; -1 before processes_read() */
};

/**
 * processes_read() - read about every process that the caller may look at
 * @out:	{ .proc = -1 }; to be released with processes_clear
 * @err:	what cannot be read
 *
 * A process that ends meanwhile, or that is another user's, is left out.
 *
 * Return: 0 or a negative errno.
 */
must_check int processes_read(struct processes *out, struct err *err);

/**
 * processes_mark() - set "ours" for those of one container, and clear it for the others
 * @all:	as read
 * @root:	pid of the container's PID 1
 * @err:	it has ended
 *
 * Return: 0 or -ESRCH.
 */
must_check int processes_mark(struct processes *all, int root, struct err *err);

/**
 * processes_open() - the folder of a process
 * @all:	as read
 * @pid:	of it
 *
 * Return: the descriptor of /proc/PID, or a negative errno.
 */
must_check int processes_open(const struct processes *all, int pid);

/**
 * processes_clear() - release what was read
 * @all:	may be empty
 */
void processes_clear(struct processes *all);

static inline void auto_processes(struct processes *all)
{
	processes_clear(all);
}
