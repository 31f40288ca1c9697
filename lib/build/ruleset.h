/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ruleset - patterns of .dockerignore and --exclude as the rules of a source
 *
 * What fits the folders above the last path is kept, so that a walk compares each path once with each pattern.
 */
#pragma once

#include "build/pattern.h"
#include "build/selection.h"

struct ruleset_level {
	char *path;
	bool out; /* the folder is kept out */
	struct pattern_state state;
};

struct ruleset {
	const struct patterns *patterns;
	struct ruleset_level *items; /* the folders above the last path, the topmost first */
	size_t count;
};

/**
 * ruleset_init() - make rules of patterns
 * @set:	set; to be released with ruleset_clear
 * @patterns:	must live as long
 *
 * Return: the rules, which use @set.
 */
struct source_rules ruleset_init(struct ruleset *set, const struct patterns *patterns);

/**
 * ruleset_clear() - release
 * @set:	empty afterwards
 */
void ruleset_clear(struct ruleset *set);

static inline void auto_ruleset(struct ruleset *set)
{
	ruleset_clear(set);
}
