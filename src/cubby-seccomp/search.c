/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * search - a filter program that finds the range in which a number lies
 *
 * A balanced tree of comparisons. A conditional jump reaches 255 instructions: in a tree that is not
 * larger, outcomes stand behind it, each once. In a larger one each leaf is an instruction of its own,
 * and unconditional jumps lead over what is too long.
 */
#include "cubby-seccomp/search.h"

#include <stdlib.h>

#include "base/mem.h"

enum { NEAR = 255 };

struct outcomes {
	struct outcome *items;
	size_t count;
};

bool outcome_equal(struct outcome a, struct outcome b)
{
	return a.is_tail == b.is_tail && a.value == b.value;
}

size_t program_add(struct program *program, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	*vec_push(program) = (struct sock_filter){ .code = code, .jt = jt, .jf = jf, .k = k };
	return program->count - 1;
}

static void add_outcome(struct program *program, struct outcome o)
{
	if (o.is_tail)
		program_add(program, BPF_JMP | BPF_JA, JUMP_TO_TAIL, 0, o.value);
	else
		program_add(program, BPF_RET | BPF_K, 0, 0, o.value);
}

static size_t place_of(const struct outcomes *all, struct outcome o)
{
	size_t n = 0;

	while (n < all->count && !outcome_equal(all->items[n], o))
		n++;
	return n;
}

/* The lower half follows its comparison, then comes the upper half. A half of one range is no
 * instruction: its outcome is behind the tree. */
static void add_near(struct program *program, const struct range *ranges, size_t count,
		     const struct outcomes *all, size_t end)
{
	size_t half = count / 2;

	if (count == 1)
		return;
	size_t test = program_add(program, BPF_JMP | BPF_JGE | BPF_K, 0, 0, ranges[half].from);
	add_near(program, ranges, half, all, end);
	size_t low = half > 1 ? test + 1 : end + place_of(all, ranges[0].outcome);
	size_t high = count - half > 1 ? program->count : end + place_of(all, ranges[half].outcome);
	program->items[test].jf = (uint8_t)(low - test - 1);
	program->items[test].jt = (uint8_t)(high - test - 1);
	add_near(program, ranges + half, count - half, all, end);
}

static void add_far(struct program *program, const struct range *ranges, size_t count)
{
	size_t half = count / 2;
	bool far = 2 * half > NEAR;

	if (count == 1) {
		add_outcome(program, ranges->outcome);
		return;
	}
	size_t jump = program_add(program, BPF_JMP | BPF_JGE | BPF_K, 0, far, ranges[half].from);
	if (far)
		jump = program_add(program, BPF_JMP | BPF_JA, JUMP_KNOWN, 0, 0);
	add_far(program, ranges, half);
	uint32_t skip = (uint32_t)(program->count - jump - 1);
	if (far)
		program->items[jump].k = skip;
	else
		program->items[jump].jt = (uint8_t)skip;
	add_far(program, ranges + half, count - half);
}

void search_emit(struct program *program, const struct range *ranges, size_t count)
{
	struct outcomes all = { 0 };

	for (size_t n = 0; n < count; n++)
		if (place_of(&all, ranges[n].outcome) == all.count)
			*vec_push(&all) = ranges[n].outcome;
	if (count + all.count > NEAR) {
		add_far(program, ranges, count);
	} else {
		add_near(program, ranges, count, &all, program->count + count - 1);
		for (size_t n = 0; n < all.count; n++)
			add_outcome(program, all.items[n]);
	}
	free(all.items);
}
