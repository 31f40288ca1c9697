/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * search - a filter program that finds the range in which a number lies
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct program {
	struct sock_filter *items;
	size_t count;
};

/* An answer, or the place in the tail where it is found. */
struct outcome {
	bool is_tail;
	uint32_t value;
};

/* From this number on, up to the next range. */
struct range {
	uint32_t from;
	struct outcome outcome;
};

/* Unconditional jumps have no use for jt: here it tells those whose target is known already from those
 * to the tail, whose place is known last. */
enum jump { JUMP_TO_TAIL, JUMP_KNOWN };

/**
 * outcome_equal() - whether two ranges can be one
 * @a:	of one
 * @b:	of the other
 *
 * Return: whether they are the same.
 */
bool outcome_equal(struct outcome a, struct outcome b);

/**
 * program_add() - append an instruction
 * @program:	grows
 * @code:	as the kernel has it
 * @jt:		for conditional jumps, or enum jump
 * @jf:		for conditional jumps
 * @k:		its constant
 *
 * Return: its place.
 */
size_t program_add(struct program *program, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k);

/**
 * search_emit() - append a search for the accumulator's range
 * @program:	grows; the last instruction has loaded the number
 * @ranges:	sorted, the first from 0
 * @count:	at least 1
 *
 * Each way through it ends in an answer or in a jump to the tail.
 */
void search_emit(struct program *program, const struct range *ranges, size_t count);
