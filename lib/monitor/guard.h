/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guard - the user's terminal and signals while a container uses them
 *
 * Signals that would end the program are blocked and read from a descriptor, so that it can put the
 * terminal back first. SIGPIPE is blocked: a write then says EPIPE, and the signal ends the program once
 * it is let through.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "base/macros.h"
#include "monitor/terminal.h"

struct guard {
	bool on;
	sigset_t before;
	int signals; /* signalfd, non-blocking */
	struct terminal terminal;
};

/**
 * guard_begin() - block signals, make the terminal raw
 * @raw:	whether descriptor 0 is a terminal that shall be raw
 * @all:	also receive the signals that are forwarded to a container
 * @out:	to be ended with guard_end; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int guard_begin(bool raw, bool all, struct guard *out);

/**
 * guard_next() - the next signal that came
 * @guard:	begun
 *
 * Return: its number, or 0 when there is none.
 */
int guard_next(struct guard *guard);

/**
 * guard_end() - restore terminal and signals
 * @guard:	may be zeroed; ended once
 *
 * A SIGPIPE that is pending ends the program here, if that is its disposition.
 */
void guard_end(struct guard *guard);

/**
 * guard_die() - end the program by a signal, as it would have ended without us
 * @guard:	ended first
 * @number:	of the signal
 *
 * Returns when the signal is ignored.
 */
void guard_die(struct guard *guard, int number);

static inline void auto_guard(struct guard *guard)
{
	guard_end(guard);
}
