/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vigil - whether to wait for what comes next awake
 */
#include "cubby-net/vigil.h"

#include "base/macros.h"

enum {
	MOST = 32,
	LEAST = -32,
	COST = 4,
	PRICE_LEAST = 128,
	PRICE_MOST = 8192,
	WAKING = 2, /* what came within so many lengths would have come within one */
};

bool vigil_worth(const struct vigil *vigil)
{
	return vigil->credit > 0;
}

static void gain(struct vigil *vigil)
{
	vigil->credit = min_of(vigil->credit + 1, (int)MOST);
}

static void lose(struct vigil *vigil)
{
	if (vigil->credit > LEAST)
		vigil->credit -= COST;
}

void vigil_slept(struct vigil *vigil, int64_t after)
{
	if (after <= WAKING * VIGIL_LENGTH)
		gain(vigil);
	else
		lose(vigil);
}

void vigil_kept(struct vigil *vigil)
{
	gain(vigil);
	vigil->price = max_of(vigil->price - 1, (int)PRICE_LEAST);
}

void vigil_missed(struct vigil *vigil, int64_t away)
{
	if (away <= VIGIL_CROWDED) {
		lose(vigil);
		return;
	}
	vigil->price = max_of(vigil->price * 2, (int)PRICE_LEAST);
	vigil->price = min_of(vigil->price, (int)PRICE_MOST);
	vigil->credit = -vigil->price;
}
