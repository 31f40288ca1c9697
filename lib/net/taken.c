/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * taken - subnets that a new network must keep off
 */
#include "net/taken.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

void taken_add(struct taken_list *list, const struct subnet *subnet, enum taken_owner owner,
	       const char *name)
{
	*vec_push(list) = (struct taken){ *subnet, owner, str_dup(name) };
}

const struct taken *taken_clash(const struct taken_list *list, const struct subnet *subnet,
				enum taken_owner owner)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].owner == owner && subnet_overlap(subnet, &list->items[i].subnet))
			return &list->items[i];
	return NULL;
}

void taken_clear(struct taken_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].name);
	free(list->items);
	*list = (struct taken_list){ 0 };
}
