/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event_read - reading and following the log of events
 *
 * Following waits for inotify and goes on across rotation: a file that was moved away is read on until its
 * successor is. What processes of other hosts append to a shared store is seen with the next local
 * event.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/event.h"

struct event_read {
	int64_t since; /* ns since the epoch: what is older is passed over */
	int64_t until; /* ns since the epoch: it ends there; INT64_MAX: never */
	bool past;     /* begin with what is in the log; else with what comes */
	bool follow;   /* wait for more */
};

/**
 * typedef event_fn - called for an event
 * @data:	what event_read was given
 * @event:	valid until it returns
 *
 * Return: 0 to go on, anything else ends the reading.
 */
typedef int (*event_fn)(void *data, const struct event *event);

/**
 * typedef event_idle_fn - called when all that is there was read, before waiting for more
 * @data:	what event_read was given
 */
typedef void (*event_idle_fn)(void *data);

/**
 * event_read() - read the log
 * @store:	open store
 * @options:	what is wanted
 * @fn:		called for each event, in the order in which they were written
 * @idle:	may be NULL
 * @data:	handed to @fn and @idle
 * @err:	what cannot be read
 *
 * Return: 0; what @fn ended it with; otherwise a negative errno.
 */
must_check int event_read(const struct store *store, const struct event_read *options, event_fn fn,
			  event_idle_fn idle, void *data, struct err *err);
