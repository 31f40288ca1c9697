/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * follow - a thread that serves a client of this host goes to the processor on which the client runs
 *
 * Who asks and who passes on take turns, so they can share a processor, and the server has another one: it is woken
 * at once, and works on while its answer is passed. Left to itself the scheduler keeps client and server on one, where
 * each waits for the other to end, and the thread between on another, which each message has to cross twice.
 * It may move either of them again at any time, so that is looked after now and then.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds from one move to the next, at least: a move takes some 30 microseconds. The longer one is come to where
 * the client's processor is not free. */
enum { FOLLOW_PAUSE = 10000000, FOLLOW_PAUSE_MOST = 16 * FOLLOW_PAUSE };

/* Waits after a move that tell whether the processor is free. */
enum { FOLLOW_TRIAL = 32 };

/* A thread's; zeroed at first. */
struct follow {
	int64_t next,
		pause; /* clock_mono() at which it may move again, and what it waits for that */
	uint64_t client;
	uint8_t messages;  /* of that client, without another's between them, since the last look */
	uint8_t apart;	   /* looks since it was met */
	uint8_t trial;	   /* waits that are left of it */
	uint8_t disturbed; /* of those that were, since the last move */
};

/**
 * follow_decide() - what a look at the client's processor leads to
 * @follow:	the thread's
 * @apart:	whether it is another one than the thread's
 * @now:	clock_mono()
 *
 * Return: whether to go there; a trial has begun then.
 */
bool follow_decide(struct follow *follow, bool apart, int64_t now);

/**
 * follow_judge() - one more wait of a trial is over
 * @follow:	the thread's, in a trial
 * @disturbed:	whether others took the processor meanwhile
 *
 * A client that only waits leaves its processor free. One that talks to others too, whose threads may have followed it as
 * well, does not: where most waits were disturbed the move was no good.
 */
void follow_judge(struct follow *follow, bool disturbed);

/**
 * follow_client() - a client's message has been passed on: look, now and then, where it runs, and go there
 * @follow:	the calling thread's
 * @client:	a number of its own, not 0
 * @fd:		the socket it came from
 * @now:	clock_mono()
 *
 * Who talks in turns with others is not followed: then there is work for all processors. The processors that the thread
 * may use stay the same: its cpuset's, or what somebody gave it. Where the kernel does not tell, nothing is done.
 */
void follow_client(struct follow *follow, uint64_t client, int fd, int64_t now);
