/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place - whether a thread passes messages on quicker where it goes to its client's processor, or where it does not
 */
#include "cubby-net/place.h"

#include "base/macros.h"

enum {
	ROW = 4,	/* looks that must agree */
	LULL = 1000000, /* nanoseconds between two looks: nobody waited for the thread */
	BETTER = 16,	/* by one in so many, or it is not */
};

static bool is_better(const struct place_tally *a, const struct place_tally *b)
{
	return a->time * b->messages * BETTER < b->time * a->messages * (BETTER - 1);
}

/* A span is over. */
static void turn(struct place *place)
{
	const struct place_tally *tried = &place->tallies[place->moves];

	if (place->moves != place->better) {
		bool changes = is_better(tried, &place->tallies[place->better]);
		place->better ^= changes;
		place->spans = changes ? 1
				       : (uint8_t)min_of(2 * place->spans + 1, (int)PLACE_SPANS);
		place->left = place->spans;
		place->moves = place->better;
	} else if (place->left <= 1) {
		place->moves = !place->better;
	} else {
		place->left--;
	}
	place->tallies[place->moves] = (struct place_tally){ 0 };
}

enum place_move place_look(struct place *place, bool apart, uint32_t passed, int64_t now)
{
	struct place_tally *tally = &place->tallies[place->moves];
	const int64_t time = now - place->looked;

	if (time <= LULL) {
		tally->time += time;
		tally->messages += (uint32_t)(passed - place->passed);
	}
	place->looked = now;
	place->passed = passed;
	place->row = apart ? (uint8_t)min_of(place->row + 1, (int)ROW) : 0;
	const bool moved = place->moves;
	if (tally->time >= PLACE_SPAN)
		turn(place);
	if (moved && !place->moves && !apart) /* or it would only stay there */
		return PLACE_LEAVE;
	if (!place->moves || place->row < ROW || now < place->next)
		return PLACE_STAY;
	place->row = 0;
	place->next = now + PLACE_PAUSE;
	return PLACE_GO;
}
