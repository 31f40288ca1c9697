/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * callers - clients of the name server that come over TCP
 *
 * A caller sends one question after the other and gets the answers in that order; the next one is read
 * when the last answer is written. It has ten seconds for each step, however little it sends or takes
 * meanwhile. Each address may have a few connections and all together a hundred or so: one more closes the
 * one that was silent for longest, of that address first. So nobody waits for somebody else's.
 *
 * Source: RFC 7766.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "cubby-net/address.h"

enum { CALLERS_MAX = 128, CALLERS_EACH = 16 };

struct caller;

/* What becomes of a question. */
struct callers_fns {
	/* Answers by caller_answer(), now or later. */
	void (*question)(void *data, struct caller *caller, const uint8_t *message, size_t size);
	/* Nobody waits for the answer any more. */
	void (*gone)(void *data, struct caller *caller);
};

struct callers {
	int epoll;
	const struct callers_fns *fns;
	void *data;
	struct caller *all; /* the longest silent first */
	struct caller *dead;
	size_t count;
};

/**
 * callers_init() - nobody called yet
 * @callers:	filled in; stays where it is
 * @fns:	called back; must outlive @callers
 * @data:	handed to @fns
 *
 * Return: 0 or a negative errno.
 */
must_check int callers_init(struct callers *callers, const struct callers_fns *fns, void *data);

/**
 * callers_clear() - hang up on everybody
 * @callers:	as it was before callers_init()
 */
void callers_clear(struct callers *callers);

/**
 * callers_accept() - take those who call
 * @callers:	grows
 * @listener:	non-blocking
 * @known:	whether somebody may call; others are hung up on
 * @data:	handed to @known
 */
void callers_accept(struct callers *callers, int listener,
		    bool (*known)(void *data, const union address *from), void *data);

/**
 * caller_from() - who it is
 * @caller:	somebody
 *
 * Return: its address; lives as long as the caller.
 */
const union address *caller_from(const struct caller *caller);

/**
 * caller_answer() - answer the question that was asked last
 * @callers:	its owner
 * @caller:	may be gone afterwards
 * @message:	copied
 * @size:	bytes
 */
void caller_answer(struct callers *callers, struct caller *caller, const uint8_t *message,
		   size_t size);

/**
 * callers_timeout() - how long to wait
 * @callers:	the callers
 *
 * Return: milliseconds after which callers_serve() has something to do in any case, or -1.
 */
int callers_timeout(const struct callers *callers);

/**
 * callers_serve() - read questions, write answers, hang up on who takes too long
 * @callers:	calls back; its epoll can be read when there is something to do
 */
void callers_serve(struct callers *callers);
