/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop - an event loop over epoll: descriptors, timers, signals
 *
 * One thread. Sources are called back in the order the kernel reports them. A source may be removed
 * from inside any callback, its own included. Nothing is allocated while it runs, but by
 * loop_add and loop_timer themselves.
 */
#pragma once

#include <stdint.h>

#include "base/macros.h"

struct loop;
struct source;

/**
 * typedef loop_fd_fn - a descriptor is ready
 * @data:	what loop_add was given
 * @events:	EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR
 */
typedef void (*loop_fd_fn)(void *data, uint32_t events);

/**
 * typedef loop_timer_fn - a time has come
 * @data:	what loop_timer was given
 */
typedef void (*loop_timer_fn)(void *data);

/**
 * loop_new() - a loop without sources
 * @out:	to be released with loop_free; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int loop_new(struct loop **out);

/**
 * loop_free() - release a loop and its sources; their descriptors stay open
 * @loop:	may be NULL
 */
void loop_free(struct loop *loop);

/**
 * loop_add() - watch a descriptor
 * @loop:	the loop
 * @fd:		stays the caller's and open until the source is removed
 * @events:	EPOLLIN, EPOLLOUT, EPOLLET; 0 waits for hang-up alone
 * @fn:		called back
 * @data:	handed to @fn
 * @out:	the source, which belongs to @loop; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int loop_add(struct loop *loop, int fd, uint32_t events, loop_fd_fn fn, void *data,
			struct source **out);

/**
 * loop_watch() - change what a source waits for
 * @source:	of a descriptor
 * @events:	as loop_add
 *
 * Return: 0 or a negative errno.
 */
must_check int loop_watch(struct source *source, uint32_t events);

/**
 * loop_timer() - a timer, not running yet
 * @loop:	the loop
 * @fn:		called back
 * @data:	handed to @fn
 * @out:	the source, which belongs to @loop; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int loop_timer(struct loop *loop, loop_timer_fn fn, void *data, struct source **out);

/**
 * loop_timer_set() - let a timer fire once
 * @source:	of a timer
 * @ns:		nanoseconds from now; 0 or less stops it
 *
 * Return: 0 or a negative errno.
 */
must_check int loop_timer_set(struct source *source, int64_t ns);

/**
 * loop_remove() - remove a source
 * @source:	may be NULL; released, its descriptor stays open
 */
void loop_remove(struct source *source);

/**
 * loop_run() - serve until loop_stop() or no source is left
 * @loop:	the loop
 *
 * Return: what loop_stop() was given; 0 without sources; otherwise a negative errno.
 */
int loop_run(struct loop *loop);

/**
 * loop_stop() - end loop_run() after the callback
 * @loop:	the loop
 * @result:	what loop_run returns
 */
void loop_stop(struct loop *loop, int result);

DEFINE_AUTO_PTR(loop, struct loop, loop_free)
