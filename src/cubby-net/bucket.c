/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bucket - when more bytes of one direction may pass
 */
#include "cubby-net/bucket.h"

#include "base/clock.h"
#include "base/macros.h"

enum { MS = CLOCK_SECOND / 1000, SHARE_MIN = 4096, SHARES = 50 /* a second */ };

/* After a silence this much may pass at once: what a poll's timer is late by. */
static const int64_t burst = CLOCK_SECOND / SHARES;

static int64_t limit_of(const struct bucket *b)
{
	return atomic_load_explicit(b->limit, memory_order_relaxed);
}

int bucket_wait(const struct bucket *bucket)
{
	if (!bucket || !limit_of(bucket))
		return 0;
	int64_t left = atomic_load(&bucket->due) - clock_mono();
	return left <= 0 ? 0 : (int)((left + MS - 1) / MS);
}

size_t bucket_share(const struct bucket *bucket, size_t most)
{
	int64_t limit = bucket ? limit_of(bucket) : 0,
		share = max_of(limit / SHARES, (int64_t)SHARE_MIN);

	return limit ? min_of(most, (size_t)share) : most;
}

void bucket_spend(struct bucket *bucket, size_t bytes)
{
	int64_t limit = bucket ? limit_of(bucket) : 0;

	if (!limit)
		return;
	int64_t cost = (int64_t)((double)bytes * CLOCK_SECOND / (double)limit);
	int64_t earliest = clock_mono() - burst;
	int64_t due = atomic_load(&bucket->due), next;
	do
		next = max_of(due, earliest) + cost;
	while (!atomic_compare_exchange_weak(&bucket->due, &due, next));
}
