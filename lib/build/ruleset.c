/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ruleset - patterns of .dockerignore and --exclude as the rules of a source
 */
#include "build/ruleset.h"

#include <string.h>

#include "base/str.h"

static void pop(struct ruleset *set)
{
	struct ruleset_level *top = &set->items[--set->count];

	free(top->path);
	pattern_state_clear(&top->state);
}

/* Whether a path is below a folder: which bytes of it are above. */
static bool is_below(const char *path, const char *folder)
{
	const char *rest = str_starts(path, folder);

	return rest && *rest == '/';
}

static struct ruleset_level *push(struct ruleset *set, char *path)
{
	static const struct pattern_state none = { 0 };
	struct ruleset_level *level = vec_push(set);
	const struct pattern_state *above = set->count > 1 ? &level[-1].state : &none;

	level->path = path;
	level->out = patterns_step(set->patterns, above, path, &level->state);
	return level;
}

/* Puts the folders between the last one and the path there, then the path. */
static const struct ruleset_level *go_to(struct ruleset *set, const char *path)
{
	while (set->count && !str_eq(path, set->items[set->count - 1].path) &&
	       !is_below(path, set->items[set->count - 1].path))
		pop(set);
	size_t at = set->count ? strlen(set->items[set->count - 1].path) : 0;
	if (at && !path[at])
		return &set->items[set->count - 1];
	for (const char *c = path + at + (at > 0); (c = strchr(c, '/')); c++)
		(void)push(set, str_ndup(path, (size_t)(c - path)));
	return push(set, str_dup(path));
}

static enum source_word ask(const void *data, const char *path, bool folder)
{
	struct ruleset *set = (struct ruleset *)data;
	const struct ruleset_level *level = go_to(set, path);

	if (!level->out)
		return SOURCE_TAKE;
	return folder && patterns_keep_below(set->patterns, &level->state, path) ? SOURCE_LEAVE
										 : SOURCE_PRUNE;
}

struct source_rules ruleset_init(struct ruleset *set, const struct patterns *patterns)
{
	*set = (struct ruleset){ .patterns = patterns };
	return (struct source_rules){ .ask = ask, .data = set };
}

void ruleset_clear(struct ruleset *set)
{
	while (set->count)
		pop(set);
	free(set->items);
	*set = (struct ruleset){ 0 };
}
