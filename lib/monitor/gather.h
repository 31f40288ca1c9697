/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather - when a container's output is worth more in larger pieces
 *
 * A server that writes a line for each request would wake the monitor as often, and lose a processor to it each time.
 * After a row of small pieces of one stream, close behind each other, the monitor rests before it reads the next one;
 * whatever comes meanwhile is in the pipe. It does not where the other stream speaks too, so that the order between the
 * two stays, nor where pieces are large, so that nobody waits for room.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/logformat.h"

enum {
	GATHER_REST = 1000000, /* nanoseconds; also what may lie between two of a row */
	GATHER_ROW = 32,       /* pieces */
	GATHER_SMALL = 4096,   /* bytes of a piece, at most */
};

/* Zeroed at first. */
struct gather {
	enum stream stream; /* of the row */
	int64_t last;	    /* clock_mono() at which its last piece was read, or its rest ends */
	unsigned row;
};

/**
 * gather_rests() - whether to rest after a piece was read
 * @gather:	of both streams
 * @stream:	that was read
 * @size:	of the piece; 0: there was none
 * @now:	clock_mono()
 *
 * Return: the answer; the rest is GATHER_REST.
 */
bool gather_rests(struct gather *gather, enum stream stream, size_t size, int64_t now);
