/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pattern - a list of patterns that keep paths out, and of those with '!' that let them in again
 */
#include "build/pattern.h"

#include <errno.h>

#include "base/str.h"

char *pattern_clean(const char *path)
{
	AUTO(strv) struct strv parts = { 0 }, kept = { 0 };
	bool rooted = *path == '/';

	strv_split(&parts, path, '/');
	for (size_t i = 0; i < parts.count; i++) {
		const char *part = parts.items[i];
		bool up = str_eq(part, "..");
		bool below = kept.count && !str_eq(kept.items[kept.count - 1], "..");
		if (!*part || str_eq(part, "."))
			continue;
		if (up && below)
			strv_remove(&kept, kept.count - 1);
		else if (!up || !rooted)
			strv_add(&kept, part);
	}
	AUTO(mem) char *joined = kept.count ? str_join(&kept, "/") : str_dup("");
	if (rooted)
		return str_fmt("/%s", joined);
	return *joined ? take_ptr(joined) : str_dup(".");
}

int patterns_add(struct patterns *patterns, const char *text, struct err *err)
{
	AUTO(mem) char *copy = str_dup(text);
	AUTO(glob) struct glob *glob = NULL;
	const char *trimmed = str_trim(copy);

	if (!*trimmed)
		return 0;
	AUTO(mem) char *clean = pattern_clean(trimmed);
	bool keeps = *clean == '!';
	if (keeps && !clean[1])
		return err_set(err, -EINVAL, "'!' is no pattern: it stands before one");
	int r = glob_parse(clean + keeps, GLOB_DEEP, &glob, err);
	if (r < 0)
		return r;
	struct pattern *pattern = vec_push(patterns);
	pattern->text = str_dup(clean + keeps);
	pattern->keeps = keeps;
	pattern->glob = take_ptr(glob);
	return 0;
}

bool patterns_step(const struct patterns *patterns, const struct pattern_state *above,
		   const char *path, struct pattern_state *out)
{
	bool excluded = false;
	bool *fits = out && patterns->count ? mem_alloc(patterns->count, sizeof *fits) : NULL;

	for (size_t i = 0; i < patterns->count; i++) {
		const struct pattern *pattern = &patterns->items[i];
		/* Who does not ask for the state needs only what could change the answer. */
		if (!fits && pattern->keeps != excluded)
			continue;
		bool fit = (above->fits && above->fits[i]) || glob_match(pattern->glob, path);
		if (fits)
			fits[i] = fit;
		if (fit)
			excluded = !pattern->keeps;
	}
	if (out)
		out->fits = fits;
	return excluded;
}

bool patterns_exclude(const struct patterns *patterns, const char *path)
{
	AUTO(pattern_state) struct pattern_state state = { 0 };
	AUTO(mem) char *part = str_dup(path);

	if (!*path || str_eq(path, "."))
		return false;
	for (char *slash = strchr(part, '/'); slash; slash = strchr(slash + 1, '/')) {
		struct pattern_state next = { 0 };
		*slash = 0;
		patterns_step(patterns, &state, part, &next);
		*slash = '/';
		pattern_state_clear(&state);
		state = next;
	}
	return patterns_step(patterns, &state, path, NULL);
}

bool patterns_keep_below(const struct patterns *patterns, const struct pattern_state *state,
			 const char *path)
{
	/* Only what stands behind the last pattern that keeps the folder out can let something in. */
	for (size_t i = patterns->count; i > 0; i--) {
		const struct pattern *pattern = &patterns->items[i - 1];
		if (!pattern->keeps && state->fits && state->fits[i - 1])
			return false;
		if (pattern->keeps && glob_below(pattern->glob, path))
			return true;
	}
	return false;
}

void pattern_state_clear(struct pattern_state *state)
{
	free(state->fits);
	state->fits = NULL;
}

void patterns_clear(struct patterns *patterns)
{
	for (size_t i = 0; i < patterns->count; i++) {
		free(patterns->items[i].text);
		glob_free(patterns->items[i].glob);
	}
	free(patterns->items);
	*patterns = (struct patterns){ 0 };
}
