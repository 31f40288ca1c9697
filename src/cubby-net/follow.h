/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * follow - a thread that serves a client of this host goes to the processor on which the client runs
 *
 * Where that is better (place.h). The scheduler may move either of them again at any time, so that is looked after now and then.
 */
#pragma once

#include <stdint.h>

#include "cubby-net/place.h"

/* A thread's; zeroed at first. */
struct follow {
	struct place place;
	uint8_t calls; /* since the last look */
};

/**
 * follow_client() - a client's message has been passed on: look, now and then, where it runs, and go there or leave
 * @follow:	the calling thread's
 * @fd:		the socket it came from
 * @passed:	messages that the thread has passed on in all
 * @now:	clock_mono()
 *
 * The processors that the thread may use stay the same: its cpuset's, or what somebody gave it. Where the kernel does not
 * tell, nothing is done.
 */
void follow_client(struct follow *follow, int fd, uint32_t passed, int64_t now);
