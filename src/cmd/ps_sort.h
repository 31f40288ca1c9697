/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ps_sort - the orders in which ps lists containers
 */
#pragma once

#include "cmd/ps_row.h"

/* Names of the orders, for OPT_ENUM; the first is the one without --sort. */
enum ps_order {
	PS_NEWEST,
	PS_COMMAND,
	PS_CREATED,
	PS_ID,
	PS_IMAGE,
	PS_NAMES,
	PS_RUNNINGFOR,
	PS_SIZE_ORDER,
	PS_STATUS,
};

extern const char *const ps_order_names[];

/* What is sorted: a container and what it takes on the disk. */
struct ps_entry {
	struct container_state *state;
	struct ps_sizes sizes;
};

/**
 * ps_sort() - bring containers into an order
 * @entries:	newest first; equal ones stay as they are
 * @count:	how many
 * @order:	by which field, the smallest or oldest first
 */
void ps_sort(struct ps_entry *entries, size_t count, enum ps_order order);
