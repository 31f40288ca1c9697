/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * monitor - what stays beside a container: its streams, its log, its clients, its end
 *
 * The order in which a start uses it:
 *
 *	monitor_new()		everything is allocated; signals are blocked; the socket is open
 *	monitor_pipes()		ends for the container, unless it gets a terminal
 *	monitor_console()	or that terminal
 *	monitor_started()	the program runs: the record says so, then the first client hears it
 *	monitor_run()		until the container has ended and every client is served
 *
 * The end comes in this order, so that nobody is told before what is told is true:
 *   (1) the streams are drained to the log, and to clients as far as they take it;
 *   (2) the record is written: exited, with the status (not with --rm: the record goes at once);
 *   (3) network and every process left are ended, and mounts that hold anything of the host (ended());
 *   (4) who waits hears the status;
 *   (5) with --rm, the container is removed (remove()); files may be deleted after (6);
 *   (6) the liveness lock is dropped, then the clients are hung up on;
 *   (7) the record is made durable.
 * A client that started the container and has not taken all output yet is served on after that.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "monitor/args.h"

struct monitor;

/**
 * typedef monitor_fn - the other end of what was watched is gone
 * @data:	what monitor_watch() was given
 * @events:	as base/loop.h
 */
typedef void (*monitor_fn)(void *data, uint32_t events);

/**
 * monitor_new() - make ready before anything of the container runs
 * @args:	copied; what it points to is borrowed until monitor_free()
 * @out:	to be released with monitor_free; set on success only
 * @err:	what failed
 *
 * Blocks SIGCHLD and SIGTERM. Changes the working directory (clients_listen).
 *
 * Return: 0 or a negative errno; the descriptors of @args are closed then.
 */
must_check int monitor_new(const struct monitor_args *args, struct monitor **out, struct err *err);

/**
 * monitor_pipes() - the container's ends of its streams
 * @m:		new
 * @out:	stdin (-1: none), stdout, stderr; belong to @m until monitor_started()
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int monitor_pipes(struct monitor *m, int out[3], struct err *err);

/**
 * monitor_console() - use a terminal
 * @m:		new
 * @master:	belongs to @m from now on
 * @err:	what failed
 *
 * Return: 0 or a negative errno.
 */
must_check int monitor_console(struct monitor *m, int master, struct err *err);

/**
 * monitor_helper() - name a process beside the container that a pause must not stop
 * @m:		any
 * @pidfd:	borrowed
 */
void monitor_helper(struct monitor *m, int pidfd);

/**
 * monitor_group() - name the container's control group
 * @m:		before monitor_started()
 * @dir:	its folder, borrowed; the container is paused by it, and what is killed in it for memory is told
 */
void monitor_group(struct monitor *m, int dir);

/**
 * monitor_forget() - a helper is ended on purpose
 * @m:		any
 * @pidfd:	as it was named
 */
void monitor_forget(struct monitor *m, int pidfd);

/**
 * monitor_watch() - be told when the other end of a socket hangs up
 * @m:		new
 * @fd:		borrowed until monitor_unwatch()
 * @fn:		called while the monitor serves, as long as it is watched
 * @data:	handed to @fn
 * @out:	to be given to monitor_unwatch() before the container's end is done; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int monitor_watch(struct monitor *m, int fd, monitor_fn fn, void *data,
			     struct source **out);

/**
 * monitor_later() - be called after some time
 * @m:		the monitor
 * @ns:		how long, above 0
 * @fn:		called once while the monitor serves, whatever else happens
 * @data:	handed to @fn
 * @out:	to be given to monitor_unwatch(), also afterwards; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int monitor_later(struct monitor *m, int64_t ns, loop_timer_fn fn, void *data,
			     struct source **out);

/**
 * monitor_unwatch() - watch no longer, or wait for a time no longer
 * @source:	may be NULL
 */
void monitor_unwatch(struct source *source);

/**
 * monitor_started() - the program runs
 * @m:		has its streams
 * @pidfd:	of PID 1; borrowed
 * @handles:	HANDLE_COUNT descriptors, -1 for the absent ones; borrowed
 * @err:	the record cannot be written
 *
 * Return: 0 or a negative errno.
 */
must_check int monitor_started(struct monitor *m, int pidfd, const int *handles, struct err *err);

/**
 * monitor_run() - serve until the end
 * @m:	started
 *
 * Return: the exit status of PID 1.
 */
int monitor_run(struct monitor *m);

/**
 * monitor_failed() - tell the first client why the container could not start
 * @m:		not started
 * @why:	what failed
 * @status:	exit status for the program
 */
void monitor_failed(struct monitor *m, const struct err *why, int status);

/**
 * monitor_free() - release
 * @m:	may be NULL
 */
void monitor_free(struct monitor *m);

DEFINE_AUTO_PTR(monitor, struct monitor, monitor_free)
