/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * follow - a thread that serves a client of this host goes to the processor on which the client runs
 */
#include "cubby-net/follow.h"

#include <sched.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/macros.h"

enum {
	MESSAGES = 4, /* from one look to the next */
	LOOKS = 4,    /* that must agree */
};

bool follow_decide(struct follow *follow, bool apart, int64_t now)
{
	follow->apart = apart ? (uint8_t)(follow->apart + 1) : 0;
	if (follow->apart < LOOKS)
		return false;
	follow->apart = 0;
	if (now < follow->next)
		return false;
	follow->pause = follow->disturbed <= FOLLOW_TRIAL / 2 || !follow->pause
				? FOLLOW_PAUSE
				: min_of(2 * follow->pause, (int64_t)FOLLOW_PAUSE_MOST);
	follow->next = now + follow->pause;
	follow->disturbed = 0;
	follow->trial = FOLLOW_TRIAL;
	return true;
}

void follow_judge(struct follow *follow, bool disturbed)
{
	follow->trial--;
	follow->disturbed += disturbed;
}

/* Where the kernel has put what came last from there: on the processor of who sent it. */
static int processor_of(int fd)
{
	int cpu = -1;
	socklen_t size = sizeof cpu;

	return getsockopt(fd, SOL_SOCKET, SO_INCOMING_CPU, &cpu, &size) < 0 ? -1 : cpu;
}

/*
 * A set of processors that a thread is given stays the most that it has, also when its cpuset grows later. So it is given
 * back its own one only if somebody gave it one: without one, all processors are no more than it had.
 */
static const cpu_set_t *own_set(const cpu_set_t *allowed, const cpu_set_t *all)
{
	cpu_set_t most;

	return sched_setaffinity(0, sizeof *all, all) == 0 &&
			       sched_getaffinity(0, sizeof most, &most) == 0 &&
			       CPU_EQUAL(&most, allowed)
		       ? all
		       : allowed;
}

/* Goes there, and is free to leave again. What somebody else gives it meanwhile stays. */
static void move_to(int cpu)
{
	cpu_set_t allowed, there, all, now;

	CPU_ZERO(&there);
	CPU_SET((size_t)cpu, &there);
	memset(&all, 0xff, sizeof all);
	if (sched_getaffinity(0, sizeof allowed, &allowed) < 0 || !CPU_ISSET((size_t)cpu, &allowed))
		return;
	const cpu_set_t *own = own_set(&allowed, &all);
	if (sched_setaffinity(0, sizeof there, &there) < 0 ||
	    sched_getaffinity(0, sizeof now, &now) < 0 || CPU_EQUAL(&now, &there))
		(void)sched_setaffinity(0, sizeof *own, own);
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
