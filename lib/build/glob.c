/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * glob - patterns of paths
 *
 * A pattern is a row of steps; matching walks along the path with the set of all steps that could come next.
 * "**" followed by more is two steps, because what stands before its '/' may be skipped as a whole only.
 */
#include "build/glob.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "build/rune.h"

enum kind {
	STEP_RUNE,  /* this one */
	STEP_ONE,   /* any but '/' */
	STEP_CLASS, /* one of a class */
	STEP_PART,  /* any number of any but '/' */
	STEP_ALL,   /* any number of any */
	STEP_DEEP,  /* the next step, or the one behind it */
	STEP_INNER, /* any number of any, then a '/' */
};

struct range {
	uint32_t from, to;
};

struct step {
	enum kind kind;
	uint32_t rune;
	bool others; /* a class of what is not in the ranges */
	struct {
		struct range *items;
		size_t count;
	} ranges;
};

struct glob {
	char *plain; /* the path that alone fits, or NULL */
	struct step *items;
	size_t count;
};

void glob_free(struct glob *glob)
{
	if (!glob)
		return;
	for (size_t i = 0; i < glob->count; i++)
		free(glob->items[i].ranges.items);
	free(glob->items);
	free(glob->plain);
	free(glob);
}

static int wrong(const char *pattern, const char *why, struct err *err)
{
	return err_set(err, -EINVAL, "'%.200s' is no pattern: %s", pattern, why);
}

/* One end of a range. */
static bool read_end(const char **at, uint32_t *out)
{
	if (!**at || **at == '-' || **at == ']')
		return false;
	if (**at == '\\' && !*++*at)
		return false;
	*at += rune_read(*at, out);
	return true;
}

/* A class; @at stands behind the '['. */
static int read_class(const char *pattern, const char **at, struct step *step, struct err *err)
{
	step->kind = STEP_CLASS;
	step->others = **at == '^';
	*at += step->others;
	while (**at != ']' || !step->ranges.count) {
		struct range range;
		if (!read_end(at, &range.from))
			return wrong(pattern, "a '[' is not closed, or not followed by characters",
				     err);
		range.to = range.from;
		if (**at == '-') {
			++*at;
			if (!read_end(at, &range.to))
				return wrong(pattern, "a '-' in '[' has no end", err);
		}
		*vec_push(&step->ranges) = range;
	}
	++*at;
	return 0;
}

static void add_step(struct glob *glob, enum kind kind)
{
	vec_push(glob)->kind = kind;
}

/* "**"; @at stands behind it. A '/' that follows belongs to it. */
static void read_deep(struct glob *glob, const char **at)
{
	bool first = !glob->count, slash = **at == '/';

	*at += slash;
	if (!**at || (first && !slash && !strpbrk(*at, "*?[]\\"))) {
		add_step(glob, STEP_ALL);
		return;
	}
	add_step(glob, STEP_DEEP);
	add_step(glob, STEP_INNER);
}

static int read_step(const char *pattern, const char **at, unsigned flags, struct glob *glob,
		     struct err *err)
{
	char c = *(*at)++;

	if (c == '*' && **at == '*' && flags & GLOB_DEEP) {
		++*at;
		read_deep(glob, at);
	} else if (c == '*') {
		add_step(glob, STEP_PART);
	} else if (c == '?') {
		add_step(glob, STEP_ONE);
	} else if (c == '[') {
		return read_class(pattern, at, vec_push(glob), err);
	} else {
		if (c == '\\' && !**at)
			return wrong(pattern, "a '\\' stands at its end", err);
		*at -= c != '\\';
		struct step *step = vec_push(glob);
		*at += rune_read(*at, &step->rune);
	}
	return 0;
}

int glob_parse(const char *pattern, unsigned flags, struct glob **out, struct err *err)
{
	AUTO(glob) struct glob *glob = mem_new(struct glob);

	for (const char *p = pattern; *p;) {
		int r = read_step(pattern, &p, flags, glob, err);
		if (r < 0)
			return r;
	}
	if (!strpbrk(pattern, "*?[\\"))
		glob->plain = str_dup(pattern);
	*out = take_ptr(glob);
	return 0;
}

static bool in_class(const struct step *step, uint32_t rune)
{
	for (size_t i = 0; i < step->ranges.count; i++)
		if (rune >= step->ranges.items[i].from && rune <= step->ranges.items[i].to)
			return !step->others;
	return step->others;
}

/* Adds a step to a set, and those behind it that need nothing before them. */
static void reach(const struct glob *glob, bool *set, size_t at)
{
	for (;; at++) {
		if (set[at])
			return;
		set[at] = true;
		if (at == glob->count)
			return;
		enum kind kind = glob->items[at].kind;
		if (kind == STEP_DEEP)
			reach(glob, set, at + 2);
		else if (kind != STEP_PART && kind != STEP_ALL)
			return;
	}
}

static void take(const struct glob *glob, size_t at, uint32_t rune, bool *next)
{
	const struct step *step = &glob->items[at];

	switch (step->kind) {
	case STEP_RUNE:
		if (rune == step->rune)
			reach(glob, next, at + 1);
		break;
	case STEP_ONE:
		if (rune != '/')
			reach(glob, next, at + 1);
		break;
	case STEP_CLASS:
		if (in_class(step, rune))
			reach(glob, next, at + 1);
		break;
	case STEP_PART:
		if (rune != '/')
			reach(glob, next, at);
		break;
	case STEP_ALL:
		reach(glob, next, at);
		break;
	case STEP_INNER:
		reach(glob, next, at);
		if (rune == '/')
			reach(glob, next, at + 1);
		break;
	case STEP_DEEP:
		break;
	}
}

/* Walks along a text from the steps in @sets[0]; false when none is left. The result is in @sets[0]. */
static bool walk(const struct glob *glob, const char *text, bool *sets[2])
{
	while (*text) {
		uint32_t rune;
		bool some = false;
		text += rune_read(text, &rune);
		memset(sets[1], 0, glob->count + 1);
		for (size_t i = 0; i < glob->count; i++)
			if (sets[0][i])
				take(glob, i, rune, sets[1]);
		bool *other = sets[0];
		sets[0] = sets[1];
		sets[1] = other;
		for (size_t i = 0; !some && i <= glob->count; i++)
			some = sets[0][i];
		if (!some)
			return false;
	}
	return true;
}

enum { NEAR_STEPS = 128 };

/* Both sets, in @near when they fit there. */
static bool *make_sets(const struct glob *glob, bool *near, bool *sets[2])
{
	size_t size = glob->count + 1;
	bool *far = size > NEAR_STEPS ? mem_alloc(2, size) : NULL;

	sets[0] = far ? far : near;
	sets[1] = sets[0] + size;
	memset(sets[0], 0, 2 * size);
	reach(glob, sets[0], 0);
	return far;
}

bool glob_match(const struct glob *glob, const char *path)
{
	bool near[2 * NEAR_STEPS], *sets[2];

	if (glob->plain)
		return str_eq(glob->plain, path);
	/* Most patterns and paths differ at once. */
	if (glob->count && glob->items[0].kind == STEP_RUNE && glob->items[0].rune < 0x80 &&
	    glob->items[0].rune != (unsigned char)*path)
		return false;
	AUTO(mem) unused_arg bool *far = make_sets(glob, near, sets);
	return walk(glob, path, sets) && sets[0][glob->count];
}

bool glob_below(const struct glob *glob, const char *folder)
{
	bool near[2 * NEAR_STEPS], *sets[2];
	AUTO(mem) unused_arg bool *far = make_sets(glob, near, sets);

	if (*folder && (!walk(glob, folder, sets) || !walk(glob, "/", sets)))
		return false;
	for (size_t i = 0; i < glob->count; i++)
		if (sets[0][i])
			return true;
	return false;
}

bool glob_magic(const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*pattern == '\\' && pattern[1])
			pattern++;
		else if (strchr("*?[", *pattern))
			return true;
	}
	return false;
}
