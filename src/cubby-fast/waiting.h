/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * waiting - callers whose connection is being made, and results that did not reach their caller
 *
 * A signal may interrupt a caller at any moment; its call is often begun anew by the kernel then. A result
 * that it did not get is kept until it asks the same again, so that what was done once is not done twice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cubby-fast/caller.h"

enum { UNHEARD_MAX = 16 };

struct waiter {
	struct caller caller;
	int fd;		  /* a duplicate of its socket, whose connection is under way */
	int64_t deadline; /* clock_mono(), from its SO_SNDTIMEO; 0: none */
};

/* A result that nobody heard. */
struct unheard {
	uint32_t pid; /* 0: none */
	int number;
	uint64_t args[3];
	int result;
};

struct waiting {
	int epoll;
	struct {
		struct waiter *items;
		size_t count;
	} list;
	struct unheard unheard[UNHEARD_MAX];
	size_t next; /* the oldest of them */
};

/**
 * waiting_add() - answer a caller when its connection is there
 * @w:		all; its epoll tells of the descriptor by its number
 * @caller:	copied
 * @fd:		belongs to @w from now on, also on failure
 *
 * Return: 0 or a negative errno.
 */
must_check int waiting_add(struct waiting *w, const struct caller *caller, int fd);

/**
 * waiting_event() - something happened to a descriptor
 * @w:		all
 * @fd:		from the event
 *
 * Return: whether it was one of ours.
 */
bool waiting_event(struct waiting *w, int fd);

/**
 * waiting_sweep() - answer those who have waited long enough
 * @w:	all
 *
 * Return: milliseconds until the next of them, or -1.
 */
int waiting_sweep(struct waiting *w);

/**
 * waiting_answer() - end a call with a result, and keep that if it does not get there
 * @w:		all
 * @caller:	waits
 * @result:	0 or a negative errno
 */
void waiting_answer(struct waiting *w, const struct caller *caller, int result);

/**
 * waiting_recall() - the result that a caller did not get when it asked the same before
 * @w:		all; forgets it
 * @caller:	asks
 * @out:	set when there is one
 *
 * Return: whether there is one.
 */
bool waiting_recall(struct waiting *w, const struct caller *caller, int *out);
