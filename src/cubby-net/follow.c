/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * follow - a thread that serves a client of this host goes to the processor on which the client runs
 */
#include "cubby-net/follow.h"

#include <sched.h>
#include <string.h>
#include <sys/socket.h>

enum { CALLS = 4 /* from one look to the next */ };

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

/* Goes to a processor, or away from it, and is free to go elsewhere then. What somebody else gives it meanwhile stays. */
static void move(int cpu, enum place_move what)
{
	cpu_set_t allowed, target, all, now;

	CPU_ZERO(&target);
	CPU_SET((size_t)cpu, &target);
	memset(&all, 0xff, sizeof all);
	if (sched_getaffinity(0, sizeof allowed, &allowed) < 0 || !CPU_ISSET((size_t)cpu, &allowed))
		return;
	if (what == PLACE_LEAVE)
		CPU_XOR(&target, &target, &allowed);
	const cpu_set_t *own = own_set(&allowed, &all);
	if (sched_setaffinity(0, sizeof target, &target) < 0 ||
	    sched_getaffinity(0, sizeof now, &now) < 0 || CPU_EQUAL(&now, &target))
		(void)sched_setaffinity(0, sizeof *own, own);
}

void follow_client(struct follow *follow, int fd, uint32_t passed, int64_t now)
{
	if (++follow->calls < CALLS)
		return;
	follow->calls = 0;
	int cpu = processor_of(fd), here = sched_getcpu();
	if (cpu < 0 || cpu >= CPU_SETSIZE || here < 0)
		return;
	enum place_move what = place_look(&follow->place, cpu != here, passed, now);
	if (what != PLACE_STAY)
		move(cpu, what);
}
