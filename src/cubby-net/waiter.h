/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * waiter - how a thread that joins connections waits for the next event
 *
 * After a short message the next one may come soon: then it is waited for awake, while that is worth it
 * (vigil.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "cubby-net/link.h"
#include "cubby-net/vigil.h"

enum { WAITER_EVENTS = 64 };

struct waiter {
	int epoll;
	struct links *links; /* tell what was done last */
	struct vigil vigils[LINK_STEPS];
	int step;	/* the last one */
	bool awake;	/* while what comes after it is waited for */
	int64_t since;	/* clock_mono() of it */
	int64_t looked; /* clock_mono() before the last look */
	long displaced; /* times_displaced() after the first look; -1: there was none that found nothing */
};

/**
 * waiter_wait() - wait for events
 * @waiter:	with @epoll and @links; otherwise zeroed before the first time
 * @events:	room for WAITER_EVENTS
 * @timeout:	milliseconds; negative: none
 *
 * Return: how many there are; 0 when the time is over, a signal came, or links_work() is next; or a negative errno.
 */
must_check int waiter_wait(struct waiter *waiter, struct epoll_event *events, int timeout);
