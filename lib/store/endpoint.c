/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * endpoint - a container's place on a network: what was asked for, and what it was given
 */
#include "store/endpoint.h"

#define E(kind, f) J_##kind(#f, struct endpoint, f)
const struct jfield endpoint_fields[] = {
	E(TEXT, network),   E(STRV, aliases), E(TEXT, ip),    E(TEXT, ip6), E(TEXT, mac),
	E(TEXT, interface), E(INT, priority), E(STRV, links), J_END,
};
#undef E

#define A(kind, f) J_##kind(#f, struct attachment, f)
const struct jfield attachment_fields[] = {
	A(TEXT, network),  A(TEXT, id),	   A(TEXT, interface),
	A(TEXT, ip),	   A(INT, prefix), A(TEXT, ip6),
	A(INT, prefix6),   A(TEXT, mac),   A(TEXT, gateway),
	A(TEXT, gateway6), J_END,
};
#undef A

struct endpoint *endpoints_find(const struct endpoints *list, const char *network)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].network, network))
			return &list->items[i];
	return NULL;
}

void endpoints_drop(struct endpoints *list, const char *network)
{
	struct endpoint *one = endpoints_find(list, network);

	if (!one)
		return;
	endpoint_clear(one);
	size_t rest = (size_t)(&list->items[--list->count] - one);
	memmove(one, one + 1, rest * sizeof *one);
}

void endpoint_clear(struct endpoint *endpoint)
{
	jfield_clear(endpoint_fields, endpoint);
}

struct attachment *attachments_find(const struct attachments *list, const char *network)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].network, network))
			return &list->items[i];
	return NULL;
}

void attachments_drop(struct attachments *list, const char *network)
{
	struct attachment *one = attachments_find(list, network);

	if (!one)
		return;
	jfield_clear(attachment_fields, one);
	size_t rest = (size_t)(&list->items[--list->count] - one);
	memmove(one, one + 1, rest * sizeof *one);
}
