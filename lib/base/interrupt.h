/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * interrupt - signals that would end the process become a clean end of what a loop, or a wait, does
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "base/loop.h"

struct interrupt {
	int fd; /* can be read when one has come */
	struct source *source;
	sigset_t old;
};

/**
 * interrupt_catch() - from here on SIGINT, SIGTERM and SIGHUP end nothing
 * @out:	to be given to interrupt_release(); unchanged on failure
 * @loop:	which tells of them
 * @fn:		called back when one has come
 * @data:	handed to @fn
 *
 * Signals that are ignored stay so: they are not heard. One that is not read ends the process when it is released.
 *
 * Return: 0 or a negative errno.
 */
must_check int interrupt_catch(struct interrupt *out, struct loop *loop, loop_fd_fn fn, void *data);

/**
 * interrupt_hold() - the same for who has no loop: .fd is waited for
 * @out:	to be given to interrupt_release(); unchanged on failure
 *
 * Return: 0 or a negative errno.
 */
must_check int interrupt_hold(struct interrupt *out);

/**
 * interrupt_release() - they end the process again
 * @interrupt:	from interrupt_catch() or interrupt_hold()
 * @heeded:	what one has asked for is being done: it must not end the process on the way
 */
void interrupt_release(struct interrupt *interrupt, bool heeded);
