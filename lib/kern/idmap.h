/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * idmap - which host ids a container's ids become
 *
 * A map is a sorted list of ranges that do not overlap, on either side. Invariants:
 *   (1) container id 0 is always mapped (but for "nomap", where it is mapped to a sub-id);
 *   (2) no range is empty;
 *   (3) every host range lies in the user's own id or in the sub-ids granted to them.
 * Choosing a map is pure; writing it to the kernel is kern/userns.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct id_range {
	uint32_t inside;
	uint32_t outside; /* in the parent namespace */
	uint32_t count;
};

struct idmap {
	struct id_range *items;
	size_t count;
};

enum idmap_limits {
	IDMAP_RANGES_MAX = 340, /* user_namespaces(7) */
	IDMAP_TEXT_MAX = 4096,	/* bytes; its text must be shorter than a page */
};

/**
 * idmap_add() - add a range at its place
 * @map:	grows
 * @inside:	first id inside
 * @outside:	first id outside
 * @count:	how many, above 0
 *
 * Return: 0; -EINVAL when it is empty, wraps, or overlaps another on either side; -E2BIG beyond
 * IDMAP_RANGES_MAX.
 */
must_check int idmap_add(struct idmap *map, uint32_t inside, uint32_t outside, uint32_t count);

/**
 * idmap_subids() - the ranges that a sub-id file grants to a user
 * @text:	contents of /etc/subuid or /etc/subgid
 * @user:	login name
 * @uid:	the user's number, which may stand in place of the name
 * @out:	ranges with "inside" 0, in the file's order; added at the end
 *
 * Lines that are damaged are skipped. Source: subuid(5).
 *
 * Return: how many were added.
 */
size_t idmap_subids(const char *text, const char *user, uint32_t uid, struct idmap *out);

/**
 * idmap_rootless() - the full map of a user: 0 is the user, 1 and up are the sub-ids
 * @own:	the user's id
 * @subids:	as idmap_subids() gave them; none makes a map of one id
 * @out:	set on success only
 *
 * Return: 0; -EINVAL when ranges overlap; -E2BIG when there are more than the kernel takes.
 */
must_check int idmap_rootless(uint32_t own, const struct idmap *subids, struct idmap *out);

/**
 * idmap_keep_id() - a map nested in the full one, where an id of the container is the caller
 * @ids:	how many ids the outer map holds, from 0 on
 * @id:		the id inside that becomes the outer 0
 * @out:	set on success only
 *
 * Inside 0..id-1 become outer 1..id, inside id becomes outer 0, the rest stays.
 *
 * Return: 0; -ERANGE when @id is not below @ids and more than one id is there.
 */
must_check int idmap_keep_id(uint32_t ids, uint32_t id, struct idmap *out);

/**
 * idmap_swap() - a map nested in the full one that exchanges one id with root's
 * @ids:	how many ids the outer map holds, from 0 on
 * @id:		the id inside that becomes the outer 0; inside 0 becomes outer @id
 * @out:	set on success only
 *
 * Return: 0; -ERANGE when @id is not below @ids.
 */
must_check int idmap_swap(uint32_t ids, uint32_t id, struct idmap *out);

/**
 * idmap_split() - cut ranges where those of the parent namespace end
 * @map:	nested: its outside ids are @outer's inside ones; changed on success only
 * @outer:	the parent's
 *
 * The kernel takes no range that lies in two of the parent's.
 *
 * Return: 0; -ERANGE when an id is not mapped by @outer; -E2BIG beyond IDMAP_RANGES_MAX.
 */
must_check int idmap_split(struct idmap *map, const struct idmap *outer);

/**
 * idmap_size() - how many ids from 0 on are mapped without a gap
 * @map:	looked at
 *
 * Return: that number.
 */
uint32_t idmap_size(const struct idmap *map);

/**
 * idmap_outside() - what an id inside is outside
 * @map:	looked at
 * @inside:	the id
 * @out:	set on success only
 *
 * Return: 0; -ERANGE when it is not mapped.
 */
must_check int idmap_outside(const struct idmap *map, uint32_t inside, uint32_t *out);

/**
 * idmap_print() - the text that the kernel's uid_map takes and shows
 * @map:	printed
 *
 * Return: lines of "inside outside count", to be freed.
 */
must_check char *idmap_print(const struct idmap *map);

/**
 * idmap_parse() - read what idmap_print() or the kernel's uid_map says
 * @text:	lines of "inside outside count"
 * @out:	set on success only
 *
 * Return: 0 or -EINVAL.
 */
must_check int idmap_parse(const char *text, struct idmap *out);

/**
 * idmap_equal() - whether two maps are the same
 * @a:	one
 * @b:	other
 *
 * Return: whether they are, range for range.
 */
bool idmap_equal(const struct idmap *a, const struct idmap *b);

/**
 * idmap_texts() - each range as a word of its own
 * @map:	may be empty
 * @out:	"INSIDE:OUTSIDE:COUNT" of each is added
 */
void idmap_texts(const struct idmap *map, struct strv *out);

/**
 * idmap_shifts() - whether an id is another one outside
 * @map:	may be empty
 *
 * Return: whether one is.
 */
bool idmap_shifts(const struct idmap *map);

/**
 * idmap_complete() - map the ids that a map leaves out, so that each of the first has one of its own, on either side
 * @map:	of ids below @ids on both sides; grows
 * @ids:	how many there are
 *
 * Those left out on one side get those left out on the other, in their order.
 *
 * Return: 0; -EINVAL when the map has ids beyond; -E2BIG beyond IDMAP_RANGES_MAX.
 */
must_check int idmap_complete(struct idmap *map, uint32_t ids);

/**
 * idmap_whole() - a copy of a map, with what it leaves out
 * @map:	as for idmap_complete(); stays as it is
 * @ids:	how many there are
 * @out:	empty before; owned by the caller in any case
 *
 * Return: as idmap_complete().
 */
must_check int idmap_whole(const struct idmap *map, uint32_t ids, struct idmap *out);

/**
 * idmap_inside() - what an id outside is inside
 * @map:	the map
 * @outside:	id outside
 * @out:	set on success only
 *
 * Return: 0; -ENOENT when no range has it.
 */
must_check int idmap_inside(const struct idmap *map, uint32_t outside, uint32_t *out);

/**
 * idmap_clear() - release the ranges
 * @map:	empty afterwards
 */
void idmap_clear(struct idmap *map);

static inline void auto_idmap(struct idmap *map)
{
	idmap_clear(map);
}
