/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check - what the process that carries out a health check says to the monitor
 *
 *	monitor                          checker (a child of the monitor)
 *	   ── fork, a socket pair ──────▶ executes the test in the container, reads its output
 *	   ◀───────── struct check_result and output, one message; it ends
 *	   ── hangs up ─────────────────▶ kills the test with its children; it ends, and says nothing
 *
 * The socket is SOCK_SEQPACKET. A checker that dies hangs up: the check has failed. A monitor that dies does
 * too: the checker then kills the test.
 */
#pragma once

#include <stdint.h>

enum check_limits { CHECK_OUTPUT_MAX = 60 << 10 }; /* bytes that are taken of what a test prints */

enum check_outcome {
	CHECK_ENDED,	/* with the status */
	CHECK_TOO_LONG, /* it was killed */
	CHECK_CANNOT,	/* it could not be started; the output says why */
};

struct check_result {
	int32_t outcome; /* enum check_outcome */
	int32_t status;	 /* 0 to 255 */
};
