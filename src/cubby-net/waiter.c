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

/*
 * How often the thread could have run on and others ran: also where it offered the processor and somebody took it. Not
 * known, it is 0.
 */
static long times_displaced(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) < 0 ? 0 : usage.ru_nivcsw;
}

/*
 * After a message the processor is offered before the first look: whoever is waited for may need it. How often others
 * took it is read only after that, because where all share one both sides wait for this here.
 *
 * Return: events; or 0 when something was done without one, or it is time to sleep.
 */
static int wait_awake(struct waiter *w, struct epoll_event *events)
{
	const int64_t end = w->since + VIGIL_LENGTH;
	bool offer = w->step != LINK_OTHER;

	for (;;) {
		if (offer)
			(void)sched_yield(); /* it cannot fail */
		if (w->step == LINK_OUT && w->displaced < 0 && links_look(w->links))
			return 0;
		offer = true;
		int n = epoll_wait(w->epoll, events, WAITER_EVENTS, 0);
		if (n)
			return max_of(n, 0);
		const int64_t away = clock_mono() - w->looked;
		w->looked += away;
		/* A virtual processor may have been away itself. */
		bool shared = away > (w->displaced < 0 ? VIGIL_CROWDED : VIGIL_SHARED) &&
			      times_displaced() != w->displaced;
		if (shared || w->looked > end) {
			w->awake = false;
			vigil_missed(&w->vigils[w->step], shared ? away : 0);
			return 0;
		}
		if (w->displaced < 0)
			w->displaced = times_displaced();
	}
}

/* What was waited for has come, and another step was done. */
static void begin(struct waiter *w)
{
	if (w->awake)
		vigil_kept(&w->vigils[w->step]);
	w->step = w->links->step;
	w->links->step = -1;
	w->since = w->looked = clock_mono();
	w->displaced = -1;
	w->awake = vigil_worth(&w->vigils[w->step]);
	if (w->awake && w->step == LINK_IN)
		links_follow(w->links, w->since);
}

static int sleep_on(struct waiter *w, struct epoll_event *events, int timeout)
{
	int n = epoll_wait(w->epoll, events, WAITER_EVENTS, timeout);

	return n < 0 && errno != EINTR ? -errno : max_of(n, 0);
}

int waiter_wait(struct waiter *waiter, struct epoll_event *events, int timeout)
{
	const bool stepped = waiter->links->step >= 0;

	if (!timeout || (!stepped && !waiter->awake))
		return sleep_on(waiter, events, timeout);
	if (stepped)
		begin(waiter);
	else /* the last events led to nothing */
		waiter->looked = clock_mono();
	if (waiter->awake) {
		int n = wait_awake(waiter, events);
		return n || waiter->awake ? n : sleep_on(waiter, events, timeout);
	}
	int n = sleep_on(waiter, events, timeout);
	vigil_slept(&waiter->vigils[waiter->step], clock_mono() - waiter->since);
	return n;
}
