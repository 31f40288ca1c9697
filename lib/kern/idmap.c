/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * idmap - which host ids a container's ids become
 *
 * Ranges are kept sorted by the ids inside; there are few, so overlaps are looked for one by one.
 */
#include "kern/idmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool overlap(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count)
{
	return a < (uint64_t)b + b_count && b < (uint64_t)a + a_count;
}

static bool wraps(uint32_t first, uint32_t count)
{
	return (uint64_t)first + count > UINT32_MAX;
}

int idmap_add(struct idmap *map, uint32_t inside, uint32_t outside, uint32_t count)
{
	size_t at = 0;

	if (count == 0 || wraps(inside, count) || wraps(outside, count))
		return -EINVAL;
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *r = &map->items[i];
		if (overlap(inside, count, r->inside, r->count) ||
		    overlap(outside, count, r->outside, r->count))
			return -EINVAL;
		if (r->inside < inside)
			at = i + 1;
	}
	if (map->count >= IDMAP_RANGES_MAX)
		return -E2BIG;
	(void)vec_push(map);
	memmove(&map->items[at + 1], &map->items[at], (map->count - 1 - at) * sizeof map->items[0]);
	map->items[at] = (struct id_range){ .inside = inside, .outside = outside, .count = count };
	return 0;
}

/* One line of a sub-id file: owner:first:count. Cut in place. */
static bool line_grants(char *line, const char *user, uint32_t uid, struct id_range *out)
{
	char *first = str_cut(line, ':');
	char *count = first ? str_cut(first, ':') : NULL;
	uint64_t from, n, number;

	if (!count)
		return false;
	bool ours = str_eq(line, user) ||
		    (str_u64(line, UINT32_MAX, &number) == 0 && number == uid);
	if (!ours || str_u64(first, UINT32_MAX, &from) < 0 ||
	    str_u64(str_trim(count), UINT32_MAX, &n) < 0)
		return false;
	*out = (struct id_range){ .outside = (uint32_t)from, .count = (uint32_t)n };
	return n > 0 && !wraps(out->outside, out->count);
}

size_t idmap_subids(const char *text, const char *user, uint32_t uid, struct idmap *out)
{
	AUTO(strv) struct strv lines = { 0 };
	size_t before = out->count;
	struct id_range range;

	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++)
		if (line_grants(str_trim(lines.items[i]), user, uid, &range))
			*vec_push(out) = range;
	return out->count - before;
}

int idmap_rootless(uint32_t own, const struct idmap *subids, struct idmap *out)
{
	AUTO(idmap) struct idmap map = { 0 };
	uint32_t next = 1;
	int r = idmap_add(&map, 0, own, 1);

	for (size_t i = 0; r == 0 && i < subids->count; i++) {
		uint32_t count = min_of(subids->items[i].count, UINT32_MAX - next);
		r = idmap_add(&map, next, subids->items[i].outside, count);
		next += count;
	}
	if (r < 0)
		return r;
	AUTO(mem) char *text = idmap_print(&map);
	if (strlen(text) >= IDMAP_TEXT_MAX)
		return -E2BIG;
	*out = map;
	map = (struct idmap){ 0 };
	return 0;
}

/* Adds a range, or nothing when it is empty. */
static void add_part(struct idmap *map, uint32_t inside, uint32_t outside, uint32_t count)
{
	if (count > 0)
		bug_unless(idmap_add(map, inside, outside, count) == 0);
}

int idmap_keep_id(uint32_t ids, uint32_t id, struct idmap *out)
{
	struct idmap map = { 0 };

	if (ids <= 1) {
		add_part(&map, id, 0, 1);
	} else if (id >= ids) {
		return -ERANGE;
	} else {
		add_part(&map, 0, 1, id);
		add_part(&map, id, 0, 1);
		add_part(&map, id + 1, id + 1, ids - id - 1);
	}
	*out = map;
	return 0;
}

int idmap_swap(uint32_t ids, uint32_t id, struct idmap *out)
{
	struct idmap map = { 0 };

	if (id >= ids)
		return -ERANGE;
	if (id == 0) {
		add_part(&map, 0, 0, ids);
	} else {
		add_part(&map, 0, id, 1);
		add_part(&map, 1, 1, id - 1);
		add_part(&map, id, 0, 1);
		add_part(&map, id + 1, id + 1, ids - id - 1);
	}
	*out = map;
	return 0;
}

/* How many ids from @id on one range of @map has inside. */
static uint32_t run_from(const struct idmap *map, uint32_t id)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *r = &map->items[i];
		if (id >= r->inside && id - r->inside < r->count)
			return r->count - (id - r->inside);
	}
	return 0;
}

int idmap_split(struct idmap *map, const struct idmap *outer)
{
	AUTO(idmap) struct idmap cut = { 0 };

	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *r = &map->items[i];
		for (uint32_t done = 0, n; done < r->count; done += n) {
			n = min_of(run_from(outer, r->outside + done), r->count - done);
			if (!n)
				return -ERANGE;
			int added = idmap_add(&cut, r->inside + done, r->outside + done, n);
			if (added < 0)
				return added;
		}
	}
	idmap_clear(map);
	*map = cut;
	cut = (struct idmap){ 0 };
	return 0;
}

uint32_t idmap_size(const struct idmap *map)
{
	uint32_t next = 0;

	for (size_t i = 0; i < map->count && map->items[i].inside == next; i++)
		next += map->items[i].count;
	return next;
}

int idmap_outside(const struct idmap *map, uint32_t inside, uint32_t *out)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *r = &map->items[i];
		if (inside >= r->inside && inside - r->inside < r->count) {
			*out = r->outside + (inside - r->inside);
			return 0;
		}
	}
	return -ERANGE;
}

char *idmap_print(const struct idmap *map)
{
	AUTO(strv) struct strv lines = { 0 };

	for (size_t i = 0; i < map->count; i++)
		strv_addf(&lines, "%u %u %u\n", map->items[i].inside, map->items[i].outside,
			  map->items[i].count);
	return str_join(&lines, "");
}

bool idmap_equal(const struct idmap *a, const struct idmap *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].inside != b->items[i].inside ||
		    a->items[i].outside != b->items[i].outside ||
		    a->items[i].count != b->items[i].count)
			return false;
	return true;
}

int idmap_parse(const char *text, struct idmap *out)
{
	AUTO(idmap) struct idmap map = { 0 };
	unsigned int inside, outside, count;
	int used;

	for (; sscanf(text, " %u %u %u%n", &inside, &outside, &count, &used) == 3; text += used)
		if (idmap_add(&map, inside, outside, count) < 0)
			return -EINVAL;
	if (text[strspn(text, " \t\n")])
		return -EINVAL;
	*out = map;
	map = (struct idmap){ 0 };
	return 0;
}

static int by_outside(const void *a, const void *b)
{
	const struct id_range *x = a, *y = b;

	return x->outside < y->outside ? -1 : x->outside > y->outside;
}

/* What ranges that are sorted leave out: as ranges of the same, on one side. */
static int left_out(const struct id_range *ranges, size_t count, bool inside, uint32_t ids,
		    struct idmap *out)
{
	uint32_t next = 0;

	for (size_t i = 0; i < count; i++) {
		const uint32_t start = inside ? ranges[i].inside : ranges[i].outside;
		const uint32_t end = start + ranges[i].count;
		int r = end > ids || end < start ? -EINVAL : 0;
		if (r == 0 && start > next)
			r = idmap_add(out, next, next, start - next);
		if (r < 0)
			return r;
		next = end;
	}
	return next < ids ? idmap_add(out, next, next, ids - next) : 0;
}

static int pair(struct idmap *map, struct idmap *inside, struct idmap *outside)
{
	int r = 0;

	for (size_t i = 0, o = 0; r == 0 && i < inside->count && o < outside->count;) {
		struct id_range *a = &inside->items[i], *b = &outside->items[o];
		const uint32_t n = min_of(a->count, b->count);
		r = idmap_add(map, a->inside, b->outside, n);
		a->inside += n;
		b->outside += n;
		i += (a->count -= n) == 0;
		o += (b->count -= n) == 0;
	}
	return r;
}

int idmap_complete(struct idmap *map, uint32_t ids)
{
	AUTO(idmap) struct idmap sorted = { 0 };
	AUTO(idmap) struct idmap inside = { 0 };
	AUTO(idmap) struct idmap outside = { 0 };

	for (size_t i = 0; i < map->count; i++)
		*vec_push(&sorted) = map->items[i];
	if (sorted.count)
		qsort(sorted.items, sorted.count, sizeof *sorted.items, by_outside);
	int r = left_out(map->items, map->count, true, ids, &inside);
	if (r == 0)
		r = left_out(sorted.items, sorted.count, false, ids, &outside);
	return r < 0 ? r : pair(map, &inside, &outside);
}

int idmap_whole(const struct idmap *map, uint32_t ids, struct idmap *out)
{
	for (size_t i = 0; i < map->count; i++)
		*vec_push(out) = map->items[i];
	return idmap_complete(out, ids);
}

int idmap_inside(const struct idmap *map, uint32_t outside, uint32_t *out)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *r = &map->items[i];
		if (outside >= r->outside && outside - r->outside < r->count) {
			*out = r->inside + (outside - r->outside);
			return 0;
		}
	}
	return -ENOENT;
}

void idmap_texts(const struct idmap *map, struct strv *out)
{
	for (size_t i = 0; i < map->count; i++)
		strv_addf(out, "%u:%u:%u", map->items[i].inside, map->items[i].outside,
			  map->items[i].count);
}

bool idmap_shifts(const struct idmap *map)
{
	for (size_t i = 0; i < map->count; i++)
		if (map->items[i].inside != map->items[i].outside)
			return true;
	return false;
}

void idmap_clear(struct idmap *map)
{
	free(map->items);
	*map = (struct idmap){ 0 };
}
