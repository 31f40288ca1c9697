/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outlet - our stdout or stderr, written without being stuck in it
 *
 * A pipe is written through a description of our own that does not block, so that signals are still
 * served when its reader is slow. O_NONBLOCK on the one we were given would be seen by others. Other
 * kinds of files do not keep a writer waiting for long.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/macros.h"

struct outlet {
	int own; /* opened here, or -1 */
	int fd;
	const char *bytes; /* what is still to be written */
	size_t size;
	int lost; /* negative errno of the first write that failed, or 0 */
};

/**
 * outlet_open() - write to a descriptor
 * @fd:		1 or 2; borrowed
 * @out:	to be closed with outlet_close
 */
void outlet_open(int fd, struct outlet *out);

/**
 * outlet_put() - write some bytes
 * @o:		nothing is pending
 * @bytes:	borrowed until nothing is pending
 * @size:	how many
 *
 * Return: 0; -EPIPE when nobody reads them any more.
 */
must_check int outlet_put(struct outlet *o, const char *bytes, size_t size);

/**
 * outlet_go_on() - write on what is pending
 * @o:	open
 *
 * Return: as outlet_put().
 */
must_check int outlet_go_on(struct outlet *o);

/**
 * outlet_pending() - whether something is still to be written
 * @o:	open
 *
 * Return: true until poll(2) says POLLOUT for it and outlet_go_on() has written it.
 */
static inline bool outlet_pending(const struct outlet *o)
{
	return o->size > 0;
}

/**
 * outlet_status() - the exit status of a process whose output may have been lost
 * @status:	of the process
 * @lost:	of the outlet of our stdout, when nothing is pending
 * @err:	why the output could not be written
 *
 * A full disk does not end the process, but who looks at the status alone has to know of it.
 *
 * Return: @status; @lost instead of 0 when there was a loss.
 */
must_check int outlet_status(int status, int lost, struct err *err);

/**
 * outlet_close() - let it go; the descriptor that was given stays open
 * @o:	open
 */
void outlet_close(struct outlet *o);
