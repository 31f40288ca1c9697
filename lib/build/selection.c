/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * selection - what a step takes of a tree: parts and their entries
 */
#include "build/selection.h"

#include <fcntl.h>

#include "build/room.h"
#include "kern/at.h"

int selection_open(const struct selection *selection, const struct part *part,
		   const struct entry *entry, int flags)
{
	AUTO(mem)
	char *path =
		str_fmt("%s%s%s", part->from, *part->from && *entry->path ? "/" : "", entry->path);

	return at_open(selection->source->dir, *path ? path : ".", flags | O_NOFOLLOW, 0,
		       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

void selection_clear(struct selection *selection)
{
	free(selection->parts.items);
	free(selection->items);
	strv_clear(&selection->unmatched);
	strv_clear(&selection->skipped);
	room_free(selection->room);
	free(selection->sums);
	*selection = (struct selection){ 0 };
}
