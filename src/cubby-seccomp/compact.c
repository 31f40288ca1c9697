/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compact - a filter program rewritten as a search among ranges of call numbers
 *
 * For one architecture a program is a function of the call's number, constant between the numbers that
 * it compares with. It is carried out once for each such range, until it answers or loads an argument.
 * Ranges with the same outcome are joined; those that load an argument go on in a copy of the rest of
 * the program (the tail), which starts with that load and so does not care what was known before.
 *
 *	load architecture
 *	for each architecture: its search      number >= k ? ... : ...   then RET or a jump to the tail
 *	search for every other architecture
 *	tail
 */
#include "cubby-seccomp/compact.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cubby-seccomp/search.h"

enum { NR_OFFSET = 0, ARCH_OFFSET = 4 };

/* What the accumulator holds before an instruction. */
enum held { HELD_UNREACHED, HELD_NOTHING, HELD_NUMBER, HELD_ARCH, HELD_ARGUMENT };

struct ranges {
	struct range *items;
	size_t count;
};

struct numbers {
	uint32_t *items;
	size_t count;
};

struct compaction {
	const struct sock_filter *in;
	size_t count;
	enum held *held;
	uint32_t *copied; /* where an instruction of the tail went, from the tail's begin; or NONE */
	struct program tail;
	struct program out;
};

#define NONE UINT32_MAX

/* ---- what holds where --------------------------------------------------------------------- */

static bool is_jump(const struct sock_filter *i)
{
	return BPF_CLASS(i->code) == BPF_JMP;
}

static bool is_load(const struct sock_filter *i)
{
	return i->code == (BPF_LD | BPF_W | BPF_ABS);
}

static enum held held_after(const struct sock_filter *i, enum held before)
{
	if (!is_load(i))
		return before;
	if (i->k == NR_OFFSET)
		return HELD_NUMBER;
	return i->k == ARCH_OFFSET ? HELD_ARCH : HELD_ARGUMENT;
}

/* Whether an instruction is of the kind that can be followed, with what the accumulator holds. */
static bool is_known(const struct sock_filter *i, enum held held)
{
	switch (i->code) {
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_JMP | BPF_JA:
	case BPF_RET | BPF_K:
		return true;
	case BPF_JMP | BPF_JEQ | BPF_K:
		return held != HELD_NOTHING;
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_K:
		return held == HELD_NUMBER || held == HELD_ARGUMENT;
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_ALU | BPF_AND | BPF_K:
		return held == HELD_ARGUMENT;
	default:
		return false;
	}
}

/* Where ways meet that hold different things, nothing is known to be held. */
static bool reach(struct compaction *c, size_t at, enum held held)
{
	if (at >= c->count)
		return false;
	bool first = c->held[at] == HELD_UNREACHED;
	c->held[at] = first || c->held[at] == held ? held : HELD_NOTHING;
	return true;
}

/* Jumps lead forward only, so one pass sees every way to an instruction before itself. */
static bool follow(struct compaction *c, size_t at)
{
	const struct sock_filter *i = &c->in[at];
	enum held after = held_after(i, c->held[at]);

	if (!is_known(i, c->held[at]))
		return false;
	if (BPF_CLASS(i->code) == BPF_RET)
		return true;
	if (i->code == (BPF_JMP | BPF_JA))
		return i->k < c->count && reach(c, at + 1 + i->k, after);
	if (is_jump(i))
		return reach(c, at + 1 + i->jt, after) && reach(c, at + 1 + i->jf, after);
	return reach(c, at + 1, after);
}

static bool understand(struct compaction *c)
{
	if (!c->count || !reach(c, 0, HELD_NOTHING))
		return false;
	for (size_t at = 0; at < c->count; at++)
		if (c->held[at] != HELD_UNREACHED && !follow(c, at))
			return false;
	return true;
}

/* ---- ranges ------------------------------------------------------------------------------- */

static bool compare(const struct sock_filter *i, uint32_t held)
{
	switch (BPF_OP(i->code)) {
	case BPF_JEQ:
		return held == i->k;
	case BPF_JGT:
		return held > i->k;
	default:
		return held >= i->k;
	}
}

static struct outcome carry_out(const struct compaction *c, uint32_t arch, uint32_t number)
{
	uint32_t held = 0;

	for (size_t at = 0;;) {
		const struct sock_filter *i = &c->in[at];
		enum held what = held_after(i, c->held[at]);
		if (BPF_CLASS(i->code) == BPF_RET)
			return (struct outcome){ .value = i->k };
		if (is_load(i) && what == HELD_ARGUMENT)
			return (struct outcome){ .is_tail = true, .value = (uint32_t)at };
		if (is_load(i))
			held = what == HELD_ARCH ? arch : number;
		at++;
		if (i->code == (BPF_JMP | BPF_JA))
			at += i->k;
		else if (is_jump(i))
			at += compare(i, held) ? i->jt : i->jf;
	}
}

static int by_value(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The numbers at which outcomes may change, or the architectures that are asked for. */
static struct numbers find_numbers(const struct compaction *c, enum held held)
{
	struct numbers found = { 0 };

	if (held == HELD_NUMBER)
		*vec_push(&found) = 0;
	for (size_t at = 0; at < c->count; at++) {
		const struct sock_filter *i = &c->in[at];
		if (c->held[at] != held || !is_jump(i) || BPF_OP(i->code) == BPF_JA)
			continue;
		if (BPF_OP(i->code) != BPF_JGT)
			*vec_push(&found) = i->k;
		if (held == HELD_NUMBER && BPF_OP(i->code) != BPF_JGE && i->k < UINT32_MAX)
			*vec_push(&found) = i->k + 1;
	}
	if (found.count)
		qsort(found.items, found.count, sizeof *found.items, by_value);
	size_t kept = 0;
	for (size_t n = 0; n < found.count; n++)
		if (!kept || found.items[kept - 1] != found.items[n])
			found.items[kept++] = found.items[n];
	found.count = kept;
	return found;
}

static struct ranges find_ranges(const struct compaction *c, const struct numbers *numbers,
				 uint32_t arch)
{
	struct ranges found = { 0 };

	for (size_t n = 0; n < numbers->count; n++) {
		struct outcome outcome = carry_out(c, arch, numbers->items[n]);
		if (!found.count || !outcome_equal(found.items[found.count - 1].outcome, outcome))
			*vec_push(&found) = (struct range){ numbers->items[n], outcome };
	}
	return found;
}

/* ---- the tail ----------------------------------------------------------------------------- */

static void mark(struct compaction *c, size_t at, uint32_t value)
{
	if (c->copied[at] == NONE)
		c->copied[at] = value;
}

static void mark_tails(struct compaction *c, const struct ranges *ranges)
{
	for (size_t n = 0; n < ranges->count; n++)
		if (ranges->items[n].outcome.is_tail)
			mark(c, ranges->items[n].outcome.value, 0);
}

static void mark_next(struct compaction *c, size_t at)
{
	const struct sock_filter *i = &c->in[at];

	if (BPF_CLASS(i->code) == BPF_RET)
		return;
	if (i->code == (BPF_JMP | BPF_JA)) {
		mark(c, at + 1 + i->k, 0);
	} else if (is_jump(i)) {
		mark(c, at + 1 + i->jt, 0);
		mark(c, at + 1 + i->jf, 0);
	} else {
		mark(c, at + 1, 0);
	}
}

/* Where an instruction went; nothing is put between, so a jump that was short stays short. */
static uint32_t distance(const struct compaction *c, size_t from, size_t to)
{
	return c->copied[to] - c->copied[from] - 1;
}

/* What follows in the program follows in the copy: every way on is in it, in the same order. */
static void copy_tail(struct compaction *c)
{
	uint32_t size = 0;

	for (size_t at = 0; at < c->count; at++) {
		if (c->copied[at] == NONE)
			continue;
		mark_next(c, at);
		c->copied[at] = size++;
	}
	for (size_t at = 0; at < c->count; at++) {
		struct sock_filter i = c->in[at];
		if (c->copied[at] == NONE)
			continue;
		if (i.code == (BPF_JMP | BPF_JA)) {
			i.k = distance(c, at, at + 1 + i.k);
		} else if (is_jump(&i)) {
			i.jt = (uint8_t)distance(c, at, at + 1 + i.jt);
			i.jf = (uint8_t)distance(c, at, at + 1 + i.jf);
		}
		*vec_push(&c->tail) = i;
	}
}

/* ---- the new program ---------------------------------------------------------------------- */

/* From here on a tail is known by its place in the copy. */
static void point_to_copies(struct compaction *c, struct ranges *ranges)
{
	for (size_t n = 0; n < ranges->count; n++)
		if (ranges->items[n].outcome.is_tail)
			ranges->items[n].outcome.value = c->copied[ranges->items[n].outcome.value];
}

static void emit_arch(struct compaction *c, uint32_t arch, const struct ranges *ranges)
{
	program_add(&c->out, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, arch);
	size_t others = program_add(&c->out, BPF_JMP | BPF_JA, JUMP_KNOWN, 0, 0);
	program_add(&c->out, BPF_LD | BPF_W | BPF_ABS, 0, 0, NR_OFFSET);
	search_emit(&c->out, ranges->items, ranges->count);
	c->out.items[others].k = (uint32_t)(c->out.count - others - 1);
}

static void append_tail(struct compaction *c)
{
	size_t begin = c->out.count;

	for (size_t at = 0; at < begin; at++) {
		struct sock_filter *i = &c->out.items[at];
		if (i->code != (BPF_JMP | BPF_JA))
			continue;
		if (i->jt == JUMP_TO_TAIL)
			i->k += (uint32_t)(begin - at - 1);
		i->jt = 0;
	}
	for (size_t n = 0; n < c->tail.count; n++)
		*vec_push(&c->out) = c->tail.items[n];
}

static uint32_t another_than(const struct numbers *arches)
{
	uint32_t arch = 0;

	for (size_t n = 0; n < arches->count; n++)
		if (arches->items[n] == arch)
			arch++;
	return arch;
}

static void compact(struct compaction *c)
{
	struct numbers numbers = find_numbers(c, HELD_NUMBER);
	struct numbers arches = find_numbers(c, HELD_ARCH);
	*vec_push(&arches) = another_than(&arches);
	struct ranges *all = mem_alloc(arches.count, sizeof *all);

	for (size_t n = 0; n < arches.count; n++) {
		all[n] = find_ranges(c, &numbers, arches.items[n]);
		mark_tails(c, &all[n]);
	}
	copy_tail(c);
	for (size_t n = 0; n < arches.count; n++)
		point_to_copies(c, &all[n]);
	program_add(&c->out, BPF_LD | BPF_W | BPF_ABS, 0, 0, ARCH_OFFSET);
	size_t others = arches.count - 1;
	for (size_t n = 0; n < others; n++)
		emit_arch(c, arches.items[n], &all[n]);
	if (all[others].count > 1)
		program_add(&c->out, BPF_LD | BPF_W | BPF_ABS, 0, 0, NR_OFFSET);
	search_emit(&c->out, all[others].items, all[others].count);
	append_tail(c);
	for (size_t n = 0; n < arches.count; n++)
		free(all[n].items);
	free(all);
	free(arches.items);
	free(numbers.items);
}

int compact_filter(const struct sock_filter *in, size_t count, struct sock_filter **out,
		   size_t *out_count)
{
	AUTO(mem) enum held *held = mem_alloc(count + 1, sizeof *held);
	AUTO(mem) uint32_t *copied = mem_alloc(count + 1, sizeof *copied);
	struct compaction c = { .in = in, .count = count, .held = held, .copied = copied };

	for (size_t at = 0; at < count; at++)
		copied[at] = NONE;
	if (!understand(&c))
		return -ENOTSUP;
	compact(&c);
	free(c.tail.items);
	*out = c.out.items;
	*out_count = c.out.count;
	return 0;
}
