/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place - whether a thread passes messages on quicker where it goes to its client's processor, or where it does not
 *
 * Who asks and who passes on take turns, so they can share a processor, and a server that has much to do has another one
 * for itself. Left to itself the scheduler often keeps client and server on one, where each waits for the other to end, and
 * the thread between on another, which each message has to cross twice. A server that is quicker than its client is
 * the better neighbour. Which it is shows in what is passed on in a time, the cost of moving and what the scheduler makes of
 * it included: so the thread does the one and the other for a while, keeps to what was better, and tries the other one again
 * now and then.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* In nanoseconds: how long messages pass until one way is known; from one move to the next, which takes some 30000. */
enum { PLACE_SPAN = 40000000, PLACE_PAUSE = 2000000 };

/* Spans of the better way, at most, before the other one is tried again. */
enum { PLACE_SPANS = 16 };

enum place_move { PLACE_STAY, PLACE_GO, PLACE_LEAVE };

struct place_tally {
	int64_t time; /* nanoseconds */
	int64_t messages;
};

/* A thread's; zeroed at first. */
struct place {
	struct place_tally tallies[2]; /* of the last span without and with moves */
	int64_t next;		       /* clock_mono() at which it may go again */
	int64_t looked;		       /* clock_mono() of the last look */
	uint32_t passed;	       /* messages up to it */
	uint8_t row;	     /* looks that found it apart, without one between that did not */
	uint8_t spans, left; /* of the better way, and those to come */
	bool moves, better;  /* which way this span is, and which one was better */
};

/**
 * place_look() - what a look at the client's processor leads to
 * @place:	the thread's
 * @apart:	whether it is another one than the thread's
 * @passed:	messages that the thread has passed on in all
 * @now:	clock_mono()
 *
 * Return: whether to stay, to go to the client, or to leave it.
 */
enum place_move place_look(struct place *place, bool apart, uint32_t passed, int64_t now);
