/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ps_sort - the orders in which ps lists containers
 */
#include "cmd/ps_sort.h"

#include <stdlib.h>

#include "base/str.h"

const char *const ps_order_names[] = {
	[PS_NEWEST] = "newest",		[PS_COMMAND] = "command",
	[PS_CREATED] = "created",	[PS_ID] = "id",
	[PS_IMAGE] = "image",		[PS_NAMES] = "names",
	[PS_RUNNINGFOR] = "runningfor", [PS_SIZE_ORDER] = "size",
	[PS_STATUS] = "status",		[PS_STATUS + 1] = NULL,
};

static const char *text_of(const struct container_state *s, enum ps_order order)
{
	const char *text = order == PS_COMMAND ? s->command
			   : order == PS_ID    ? s->id
			   : order == PS_IMAGE ? s->image_name
			   : order == PS_NAMES ? s->name
					       : container_status_names[s->status];

	return str_or(text, "");
}

static int64_t number_of(const struct ps_entry *e, enum ps_order order)
{
	return order == PS_CREATED	? e->state->created
	       : order == PS_RUNNINGFOR ? e->state->started
					: e->sizes.whole;
}

static int compare(const void *a, const void *b, void *data)
{
	const struct ps_entry *x = a, *y = b;
	enum ps_order order = *(enum ps_order *)data;

	if (order != PS_CREATED && order != PS_RUNNINGFOR && order != PS_SIZE_ORDER)
		return strcmp(text_of(x->state, order), text_of(y->state, order));
	int64_t m = number_of(x, order), n = number_of(y, order);
	return (m > n) - (m < n);
}

/* qsort(3) of the C library sorts by merging, and so leaves equal ones as they are. */
void ps_sort(struct ps_entry *entries, size_t count, enum ps_order order)
{
	if (order != PS_NEWEST && count)
		qsort_r(entries, count, sizeof *entries, compare, &order);
}
