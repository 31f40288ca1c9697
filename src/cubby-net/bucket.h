/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bucket - when more bytes of one direction may pass
 *
 * What passes is paid for afterwards: bytes move the time from which on more may pass, and while that time lies
 * ahead nothing is read that would have to be passed on. So senders are slowed down by their own protocol, and
 * nothing is lost. The stack and the published ports, each on a thread of its own, draw on one bucket, so that
 * the limit is one for both. The limit may change at any time (net/traffic.h).
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct bucket {
	const _Atomic int64_t *limit; /* bytes a second; 0: none */
	_Atomic int64_t due;	      /* clock_mono() from which on more may pass */
};

/**
 * bucket_wait() - whether more may pass
 * @bucket:	of the direction; NULL is one without a limit
 *
 * Return: 0, or the milliseconds to wait.
 */
int bucket_wait(const struct bucket *bucket);

/**
 * bucket_share() - how much may pass in one go, so that others are not held up for long
 * @bucket:	of the direction; NULL is one without a limit
 * @most:	what the caller could move
 *
 * Return: bytes, at most @most, never 0 unless that is.
 */
size_t bucket_share(const struct bucket *bucket, size_t most);

/**
 * bucket_spend() - tell what has passed
 * @bucket:	of the direction; NULL is one without a limit
 * @bytes:	how much
 */
void bucket_spend(struct bucket *bucket, size_t bytes);
