/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nearest - which known word a mistyped one was meant to be
 */
#pragma once

#include <stddef.h>

#include "base/macros.h"

struct nearest {
	const char *typed;
	const char *best; /* borrowed from the offer; NULL when nothing is near enough */
	size_t distance;
};

/**
 * nearest_begin() - start a search
 * @out:	to be offered words with nearest_offer()
 * @typed:	what the user typed; borrowed
 */
void nearest_begin(struct nearest *out, const char *typed);

/**
 * nearest_offer() - compare one known word
 * @nearest:	keeps the word when it is the nearest so far; of equally near ones the first
 * @word:	a known word; borrowed
 *
 * Near enough are words at a distance of a third of what was typed, at least 1 and at most 3:
 * letters left out, added, changed, or two neighbours swapped.
 */
void nearest_offer(struct nearest *nearest, const char *word);

/**
 * nearest_distance() - how many edits lie between two words
 * @a:	one
 * @b:	other
 * @max:	above this the exact distance does not matter
 *
 * Source: Damerau's distance with adjacent swaps, each letter edited once.
 *
 * Return: the distance, or anything above @max.
 */
must_check size_t nearest_distance(const char *a, const char *b, size_t max);
