/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attach - the user's terminal and streams on one side, a container's on the other
 *
 *   (1) the terminal is restored on every way out, also when a signal ends the program;
 *   (2) what is read from stdin reaches the container byte for byte, then its end;
 *   (3) when nobody reads our stdout any more, the container learns it as it would from a pipe, and the
 *	 program ends by SIGPIPE;
 *   (4) when our stdout cannot be written (a full disk), the container goes on; at its end that is a failure,
 *	 unless it has failed itself;
 *   (5) nothing is changed on the descriptors themselves: others share them.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* What an attached command line does with its streams. */
struct attach_options {
	bool in, out, errout; /* which streams are carried */
	bool tty;	      /* the container has a terminal: ours goes raw, sizes are forwarded */
	bool forward_signals; /* --sig-proxy; not with a terminal, whose keys are enough */
	const char *detach_keys; /* as keys_parse() */
};

enum { ATTACH_DETACHED = 1000 };

/**
 * attach_run() - carry streams until the container ends or the user detaches
 * @sock:	to the monitor; borrowed
 * @options:	what to carry
 * @redraw:	the container's terminal was used before: let it draw itself again
 * @err:	the monitor was lost, the output was not written, or the detach keys are wrong
 *
 * Descriptors 0, 1 and 2 of the caller are used.
 *
 * Return: the container's exit status 0 to 255; ATTACH_DETACHED; or a negative errno.
 */
must_check int attach_run(int sock, const struct attach_options *options, bool redraw,
			  struct err *err);
