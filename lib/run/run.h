/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * run - the runtime: from a plan to a process that is the container's PID 1
 *
 *	caller (root in the outer user namespace)	child (PID 1 of the container's pid namespace)
 *	run_create ── clone3 with the namespaces ─────▶ mounts, /dev, masks, terminal, pivot_root
 *	           ◀─ ready, or what failed ─────────── waits: nothing of the image has run yet
 *	(the network is attached, ports are bound)
 *	run_start  ── go ─────────────────────────────▶ ids, capabilities, seccomp, execve
 *	           ◀─ end of file: execve succeeded ───
 *	           ◀─ errno: 127 or 126 ───────────────
 *
 * When the caller dies the child ends: the exchange socket closes before go, and the pid namespace of
 * the caller's monitor falls afterwards. When the child dies, run_start says so.
 *
 * What the host's binary is cannot be reached from inside: the last step before the image's program
 * is an execveat of a sealed copy of the static cubby-init, which closes the exchange, becomes init
 * or executes the program (see src/cubby-init).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/host.h"
#include "kern/userns.h"
#include "oci/runtime_spec.h"

/* What becomes the container's standard descriptors; ignored with a terminal. */
struct run_io {
	int in;	 /* negative: /dev/null */
	int out; /* pipes are given to the container's user, so that it may reopen /dev/stdout */
	int errout;
};

struct winsize_chars {
	uint16_t rows, columns; /* 0: not known */
};

struct run_args {
	const struct host *host;
	const struct identity_plan *identity; /* of the outer user namespace */
	const struct runtime_spec *spec; /* what to run; made by the spec room, printed as JSON */
	int rootfs; /* directory where the root file system is mounted, in the caller's mount ns */
	int join_pid; /* pidfd of PID 1 of the container named by pid_mode, or -1 */
	int join_ipc;
	int join_uts;
	int join_net;
	int fresh_net; /* a network namespace made for it, in place of one of its own making, or -1 */
	struct run_io io;
	struct winsize_chars size; /* of the terminal */
	const int *extra_fds;	   /* --preserve-fds: become 3, 4, ...; -1: stays closed */
	size_t extra_count;
	int notice; /* where the listener of its socket calls goes (run/notice.h), or -1 */
	int group;  /* folder of the control group that it is born in, or -1: the caller's */
	const int *
		caller; /* a socket whose hanging up ends hooks, and with them the start; or NULL */
	/* Is given the network namespace of its own making while the container is being made; or NULL. */
	int (*made)(void *data, int netns, struct err *err);
	void *data;
};

struct run_container;

/**
 * run_create() - make everything of the container but its program
 * @args:	what to make; borrowed until this returns
 * @out:	to be released with run_free; set on success only
 * @err:	names the mount, device, user or namespace that failed; an unknown user, a bad
 *		WORKDIR and the like are found here, before anything of the image runs
 *
 * Return: 0; -EINVAL and -ENOENT for what the user asked wrongly (exit status 125 or 126/127 is
 * decided by run_exit_status()); otherwise a negative errno. Nothing is left on failure.
 */
must_check int run_create(const struct run_args *args, struct run_container **out, struct err *err);

/**
 * run_start() - let the program start
 * @c:		waiting; may be started once
 * @err:	names the program
 *
 * Return: 0 once execve succeeded; -ENOENT when the program is not there (127); -EACCES when it
 * cannot be executed (126); -ENOEXEC (126); otherwise a negative errno.
 */
must_check int run_start(struct run_container *c, struct err *err);

/**
 * run_exit_status() - the exit status for a start that failed
 * @code:	what run_create or run_start returned
 * @started:	whether run_start was reached
 *
 * Return: 125, 126 or 127, as docker has them.
 */
int run_exit_status(int code, bool started);

/**
 * run_pidfd() - pidfd of PID 1
 * @c:	the container
 *
 * Return: a descriptor that belongs to @c.
 */
int run_pidfd(const struct run_container *c);

/**
 * run_namespace() - a namespace of PID 1, opened before the image could change it
 * @c:		the container
 * @name:	"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"
 *
 * Return: a descriptor that belongs to @c, or -1 when it is the caller's, too. One that is shared with
 * another container is there as well.
 */
int run_namespace(const struct run_container *c, const char *name);

/**
 * run_root() - the container's root directory as seen inside
 * @c:	the container
 *
 * Return: an O_PATH descriptor that belongs to @c.
 */
int run_root(const struct run_container *c);

/**
 * run_console() - take the master side of the terminal
 * @c:	the container
 *
 * Return: the descriptor, the caller's from now on, or -1 without a terminal.
 */
int run_console(struct run_container *c);

/**
 * run_free() - release the handles; a child that was not started is ended
 * @c:	may be NULL
 */
void run_free(struct run_container *c);

DEFINE_AUTO_PTR(run_container, struct run_container, run_free)

/* Where an exec'd process enters; descriptors belong to the caller. */
struct run_target {
	int user, mnt, pid, net, ipc, uts, cgroup; /* -1: not the container's own */
	int root;				   /* O_PATH */
	int group; /* folder of the control group, or -1: the caller's */
};

struct exec_args {
	const struct host *host;
	const struct runtime_spec *spec; /* the container's, with "process" replaced */
	struct run_target target;
	struct run_io io;
	struct winsize_chars size;
	const int *extra_fds;
	size_t extra_count;
	int notice; /* as in struct run_args */
	/* Puts a process of the caller's into the group, where it cannot be born in it; or NULL. */
	int (*attach)(void *data, pid_t pid, struct err *err);
	void *attach_data;
};

/**
 * run_exec() - start a further process in a running container
 * @args:	borrowed until this returns
 * @out_pidfd:	pidfd of the process, a child of the caller; set on success only
 * @out_console:	master side of its terminal, or -1; set on success only
 * @err:	names what failed
 *
 * The caller may be the user himself: a child enters the user namespace first. It returns when the
 * program's execve succeeded or failed.
 *
 * Return: the pid as the caller sees it, or as run_create and run_start.
 */
must_check pid_t run_exec(const struct exec_args *args, int *out_pidfd, int *out_console,
			  struct err *err);
