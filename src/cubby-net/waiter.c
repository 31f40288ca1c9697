/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * waiter - how a thread that joins connections waits for the next event
 */
#include "cubby-net/waiter.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/macros.h"
#include "cubby-net/displaced.h"

/*
 * After a message the processor is offered before the first look: whoever is waited for may need it. How often others
 * took it is read only after that, because where all share one both sides wait for this here.
 *
 * Return: events, or 0 when it is time to sleep.
 */
static int wait_awake(struct waiter *w, int step, struct epoll_event *events)
{
	struct vigil *vigil = &w->vigils[step];
	const int64_t end = w->since + VIGIL_LENGTH;
	bool offer = step != LINK_OTHER;
	long displaced = -1; /* not read yet */

	for (int64_t now = w->since;;) {
		if (offer)
			(void)sched_yield(); /* it cannot fail */
		offer = true;
		int n = epoll_wait(w->epoll, events, WAITER_EVENTS, 0);
		if (n > 0)
			vigil_kept(vigil);
		if (n)
			return max_of(n, 0);
		const int64_t away = clock_mono() - now;
		now += away;
		/* A virtual processor may have been away itself. */
		bool shared = away > (displaced < 0 ? VIGIL_CROWDED : VIGIL_SHARED) &&
			      times_displaced() != displaced;
		if (shared || now > end) {
			vigil_missed(vigil, shared ? away : 0);
			return 0;
		}
		if (displaced < 0)
			displaced = times_displaced();
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
	const int step = waiter->links->step;
	struct vigil *vigil = &waiter->vigils[step];
	waiter->links->step = -1;
	waiter->since = clock_mono();
	if (vigil_worth(vigil)) {
		if (step == LINK_IN)
			links_follow(waiter->links, waiter->since);
		int n = wait_awake(waiter, step, events);
		if (step == LINK_IN)
			follow_waited(&waiter->links->follow);
		return n ? n : sleep_on(waiter, events, timeout);
	}
	int n = sleep_on(waiter, events, timeout);
	vigil_slept(vigil, clock_mono() - waiter->since);
	return n;
}
