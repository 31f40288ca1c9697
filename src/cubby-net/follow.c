/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * follow - a thread that serves a client of this host goes to the processor on which the client runs
 */
#include "cubby-net/follow.h"

#include <sched.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/macros.h"

enum {
	MESSAGES = 4, /* from one look to the next */
	LOOKS = 4,    /* that must agree */
	LASTING = 64, /* looks at which the client was met: the move was worth it */
};

bool follow_decide(struct follow *follow, bool apart, int64_t now)
{
	follow->apart = apart ? (uint8_t)(follow->apart + 1) : 0;
	follow->met = (uint8_t)min_of(follow->met + !apart, (int)LASTING);
	if (follow->apart < LOOKS)
		return false;
	follow->apart = 0;
	if (now < follow->next)
		return false;
	follow->pause = follow->met < LASTING && follow->pause
				? min_of(2 * follow->pause, (int64_t)FOLLOW_PAUSE_MOST)
				: FOLLOW_PAUSE;
	follow->met = 0;
	follow->next = now + follow->pause;
	return true;
}

/* Where the kernel has put what came last from there: on the processor of who sent it. */
static int processor_of(int fd)
{
	int cpu = -1;
	socklen_t size = sizeof cpu;

	return getsockopt(fd, SOL_SOCKET, SO_INCOMING_CPU, &cpu, &size) < 0 ? -1 : cpu;
}

static void move_to(int cpu)
{
	cpu_set_t allowed, there;

	CPU_ZERO(&there);
	CPU_SET((size_t)cpu, &there);
	/* It goes there for the first, and is free to leave by the second. */
	if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 &&
	    CPU_ISSET((size_t)cpu, &allowed) && sched_setaffinity(0, sizeof there, &there) == 0)
		(void)sched_setaffinity(0, sizeof allowed, &allowed);
}

void follow_client(struct follow *follow, uint64_t client, int fd, int64_t now)
{
	if (follow->client != client) {
		follow->client = client;
		follow->messages = follow->apart = 0;
	}
	if (++follow->messages < MESSAGES)
		return;
	follow->messages = 0;
	int cpu = processor_of(fd), here = sched_getcpu();
	if (cpu >= 0 && cpu < CPU_SETSIZE && here >= 0 && follow_decide(follow, cpu != here, now))
		move_to(cpu);
}
