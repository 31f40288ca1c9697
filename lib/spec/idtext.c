/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * idtext - the texts of --uidmap and --gidmap
 */
#include "spec/idtext.h"

#include <errno.h>
#include <string.h>

enum { TRIPLE = 3 };

static const char *skip_flags(const char *text)
{
	return text + strspn(text, "ug+");
}

static bool has_flag(const char *text, char flag)
{
	const char *found = strchr(text, flag);

	return found && found < skip_flags(text);
}

bool idtext_extends(const char *text)
{
	return has_flag(text, '+');
}

static int wrong(const char *text, struct err *err)
{
	err_set(err, -EINVAL, "'%s' is no map of ids", text);
	return err_hint(err, "it is written [FLAGS]CONTAINER:FROM[:AMOUNT], for example 0:1:1000");
}

int idtext_list(const char *text, struct strv *out)
{
	uint64_t n[TRIPLE];
	size_t count = 0;

	for (const char *at = text; *at;) {
		AUTO(mem) char *word = str_ndup(at, strcspn(at, ",:"));
		if (str_u64(word, UINT32_MAX - 1, &n[count++ % TRIPLE]) < 0)
			return -EINVAL;
		at += strlen(word);
		if (count % TRIPLE == 0 && n[2] == 0)
			return -EINVAL;
		if (count % TRIPLE == 0)
			strv_addf(out, "%u:%u:%u", (uint32_t)n[0], (uint32_t)n[1], (uint32_t)n[2]);
		if (*at && !*++at)
			return -EINVAL;
	}
	return count == 0 || count % TRIPLE ? -EINVAL : 0;
}

/* The id of the user's namespace that is an id of the host. */
static int from_host(const struct idmap *outer, uint32_t host, uint32_t *out)
{
	for (size_t i = 0; i < outer->count; i++)
		if (host - outer->items[i].outside < outer->items[i].count) {
			*out = outer->items[i].inside + (host - outer->items[i].outside);
			return 0;
		}
	return -ERANGE;
}

static int parse(const char *text, const struct idmap *outer, struct id_range *out, struct err *err)
{
	AUTO(strv) struct strv parts = { 0 };
	uint64_t inside, from, count = 1;

	strv_split(&parts, skip_flags(text), ':');
	if (parts.count < 2 || parts.count > 3 ||
	    str_u64(parts.items[0], UINT32_MAX - 1, &inside) < 0)
		return wrong(text, err);
	bool host = parts.items[1][0] == '@';
	if (str_u64(parts.items[1] + host, UINT32_MAX - 1, &from) < 0 ||
	    (parts.count == 3 && str_u64(parts.items[2], UINT32_MAX - 1, &count) < 0) || count == 0)
		return wrong(text, err);
	*out = (struct id_range){ (uint32_t)inside, (uint32_t)from, (uint32_t)count };
	if (host && from_host(outer, (uint32_t)from, &out->outside) < 0)
		return err_set(err, -ERANGE, "'%s': the id %u of the host is not yours", text,
			       (uint32_t)from);
	return 0;
}

static int check_range(const char *text, const struct idmap *outer, const struct id_range *range,
		       struct err *err)
{
	uint32_t last = range->outside + (range->count - 1), ignored;

	if (last < range->outside || range->inside + (range->count - 1) < range->inside)
		return wrong(text, err);
	if (idmap_outside(outer, range->outside, &ignored) == 0 &&
	    idmap_outside(outer, last, &ignored) == 0)
		return 0;
	err_set(err, -ERANGE, "'%s': there are only %u ids, 0 to %u", text, idmap_size(outer),
		idmap_size(outer) - 1);
	return err_hint(err, "0 is your own id, 1 and up are your sub-ids");
}

/* Adds the parts of a range whose ids on one side lie outside those of another. */
static int add_rest(struct idmap *map, const struct id_range *r, uint32_t start, uint32_t mine,
		    uint32_t count)
{
	uint32_t below = mine < start ? start - mine : 0;
	int code = 0;

	if (mine + (uint64_t)r->count <= start || mine >= (uint64_t)start + count)
		return idmap_add(map, r->inside, r->outside, r->count);
	if (below)
		code = idmap_add(map, r->inside, r->outside, below);
	uint64_t end = (uint64_t)start + count, mine_end = (uint64_t)mine + r->count;
	if (code == 0 && mine_end > end) {
		uint32_t skip = (uint32_t)(end - mine);
		code = idmap_add(map, r->inside + skip, r->outside + skip, r->count - skip);
	}
	return code;
}

static int without(const struct idmap *map, const struct id_range *range, bool inside,
		   struct idmap *out)
{
	int r = 0;

	for (size_t i = 0; i < map->count && r == 0; i++) {
		const struct id_range *item = &map->items[i];
		r = add_rest(out, item, inside ? range->inside : range->outside,
			     inside ? item->inside : item->outside, range->count);
	}
	return r;
}

int idtext_carve(struct idmap *map, const struct id_range *range)
{
	AUTO(idmap) struct idmap half = { 0 };
	AUTO(idmap) struct idmap rest = { 0 };
	int r = without(map, range, true, &half);

	if (r == 0)
		r = without(&half, range, false, &rest);
	if (r == 0)
		r = idmap_add(&rest, range->inside, range->outside, range->count);
	if (r < 0)
		return r;
	idmap_clear(map);
	*map = rest;
	rest = (struct idmap){ 0 };
	return 0;
}

int idtext_apply(const char *text, char kind, const struct idmap *outer, struct idmap *map,
		 struct err *err)
{
	bool users = has_flag(text, 'u'), groups = has_flag(text, 'g');
	struct id_range range = { 0 };

	if ((users || groups) && !(kind == 'u' ? users : groups))
		return 0;
	int r = parse(text, outer, &range, err);
	if (r == 0)
		r = check_range(text, outer, &range, err);
	if (r < 0)
		return r;
	r = idtext_extends(text) ? idtext_carve(map, &range)
				 : idmap_add(map, range.inside, range.outside, range.count);
	if (r == -E2BIG)
		return err_set(err, r, "'%s': there are too many ranges", text);
	if (r < 0)
		return err_set(err, r, "'%s' overlaps another range", text);
	return 1;
}
