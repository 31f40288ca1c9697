/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * waiter - how a thread that joins connections waits for the next event
 */
#include "cubby-net/waiter.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/macros.h"

static long times_displaced(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) < 0 ? 0 : usage.ru_nivcsw;
}

/* Return: events, or 0 when it is time to sleep. */
static int wait_awake(struct waiter *w, struct vigil *vigil, struct epoll_event *events)
{
	const int64_t end = w->since + VIGIL_LENGTH;
	const long displaced = times_displaced();

	for (int64_t now = w->since, away = 0;;) {
		int n = epoll_wait(w->epoll, events, WAITER_EVENTS, 0);
		if (n > 0)
			vigil_kept(vigil);
		if (n)
			return max_of(n, 0);
		/* A virtual processor may have been away itself. */
		bool shared = away > VIGIL_SHARED && times_displaced() != displaced;
		if (shared || now > end) {
			vigil_missed(vigil, shared ? away : 0);
			return 0;
		}
		(void)sched_yield(); /* it cannot fail */
		away = -now;
		now = clock_mono();
		away += now;
	}
}

static int sleep_on(struct waiter *w, struct epoll_event *events, int timeout)
{
	int n = epoll_wait(w->epoll, events, WAITER_EVENTS, timeout);

	return n < 0 && errno != EINTR ? -errno : max_of(n, 0);
}

int waiter_wait(struct waiter *waiter, struct epoll_event *events, int timeout)
{
	if (waiter->links->step < 0 || !timeout)
		return sleep_on(waiter, events, timeout);
	struct vigil *vigil = &waiter->vigils[waiter->links->step];
	waiter->links->step = -1;
	waiter->since = clock_mono();
	if (vigil_worth(vigil)) {
		int n = wait_awake(waiter, vigil, events);
		return n ? n : sleep_on(waiter, events, timeout);
	}
	int n = sleep_on(waiter, events, timeout);
	vigil_slept(vigil, clock_mono() - waiter->since);
	return n;
}
