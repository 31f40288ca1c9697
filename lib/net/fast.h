/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fast - the life of the cubby-fast that answers socket calls of a container (--network fast)
 *
 * The caller is the container's monitor. What outlives a cubby-fast that was killed is kept here: the socket
 * on which listeners are sent to it, so that an exec finds the next one, the pair between it and
 * cubby-net, and the listener of the container's first process.
 */
#pragma once

#include "base/err.h"
#include "net/config.h"

struct fast;

/**
 * fast_start() - start cubby-fast; it waits for its job
 * @program:	its path
 * @out:	to be released with fast_free; set on success only
 * @err:	names the program
 *
 * To be called as net_start().
 *
 * Return: 0 or a negative errno.
 */
must_check int fast_start(const char *program, struct fast **out, struct err *err);

/**
 * fast_attach() - give it its job and wait until it serves
 * @fast:	started
 * @config:	of the container's network; its ports are those that are bound
 * @netns:	the container's network namespace, or a pidfd of a process in it
 * @err:	what failed, in cubby-fast's words
 *
 * Return: 0 or a negative errno.
 */
must_check int fast_attach(struct fast *fast, const struct net_config *config, int netns,
			   struct err *err);

/**
 * fast_again() - replace one that has ended
 * @fast:	was attached
 * @program:	its path
 * @config:	as fast_attach()
 * @netns:	as fast_attach()
 * @err:	what failed
 *
 * Return: as fast_attach().
 */
must_check int fast_again(struct fast *fast, const char *program, const struct net_config *config,
			  int netns, struct err *err);

/**
 * fast_give_up() - let calls fail that wait for an answer
 * @fast:	its cubby-fast has ended and there will be no other
 *
 * Who enters the container from now on is told so.
 */
void fast_give_up(struct fast *fast);

/**
 * fast_adopt() - hand over the listener of the container's first process, and keep it
 * @fast:	attached
 * @listener:	belongs to @fast from now on, also on failure
 *
 * Return: 0 or a negative errno.
 */
must_check int fast_adopt(struct fast *fast, int listener);

/**
 * fast_notice() - where listeners of socket calls are sent to
 * @fast:	may be NULL
 *
 * Return: a descriptor that belongs to @fast, for run/notice.h; -1 without one.
 */
int fast_notice(const struct fast *fast);

/**
 * fast_doors() - cubby-net's end of what it hears from cubby-fast
 * @fast:	may be NULL
 *
 * Return: a descriptor that belongs to @fast; -1 without one.
 */
int fast_doors(const struct fast *fast);

/**
 * fast_pidfd() - pidfd of cubby-fast, readable when it ended
 * @fast:	may be NULL
 *
 * Return: a descriptor that belongs to @fast; -1 without one.
 */
int fast_pidfd(const struct fast *fast);

/**
 * fast_free() - kill and reap cubby-fast, release the handle
 * @fast:	may be NULL
 */
void fast_free(struct fast *fast);

DEFINE_AUTO_PTR(fast, struct fast, fast_free)
