/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gate - one direction of joined connections: what passes is counted, and may have to wait
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "cubby-net/bucket.h"

struct gate {
	struct bucket *bucket;
	_Atomic int64_t *count; /* bytes (net/traffic.h); NULL: an interface counts them */
};

/**
 * gate_pass() - tell what has passed
 * @gate:	of the direction
 * @bytes:	how much
 */
static inline void gate_pass(const struct gate *gate, size_t bytes)
{
	if (gate->count)
		atomic_fetch_add_explicit(gate->count, (int64_t)bytes, memory_order_relaxed);
	bucket_spend(gate->bucket, bytes);
}
