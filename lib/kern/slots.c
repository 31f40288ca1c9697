/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * slots - namespaces of a user who has as many as the limits allow
 */
#include "kern/slots.h"

#include <errno.h>
#include <time.h>

enum { TRIES = 16, STEP_NS = 10000000 };

bool slots_await(int code, int *tries)
{
	if (code != -ENOSPC || *tries == TRIES)
		return false;
	const struct timespec pause = { .tv_nsec = ++*tries * STEP_NS };
	(void)nanosleep(&pause, NULL); /* a signal makes the next try come sooner */
	return true;
}
