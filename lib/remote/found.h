/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * found - repositories that a search has found
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

struct found_item {
	char *name;	   /* a repository's, without the registry */
	char *description; /* or NULL; as it came, which may be anything */
	int stars;
	bool official;
	bool automated;
};

struct found {
	struct {
		struct found_item *items;
		size_t count;
	} list;
};

/**
 * found_print() - the text of a list
 * @found:	the list
 *
 * Return: JSON, to be freed; never NULL.
 */
must_check char *found_print(const struct found *found);

/**
 * found_parse() - read it again
 * @text:	of found_print()
 * @size:	bytes
 * @out:	zeroed; to be released with found_clear in any case
 * @err:	says what is damaged
 *
 * Return: 0 or -EBADMSG.
 */
must_check int found_parse(const char *text, size_t size, struct found *out, struct err *err);

/**
 * found_clear() - release a list
 * @found:	empty afterwards
 */
void found_clear(struct found *found);

static inline void auto_found(struct found *found)
{
	found_clear(found);
}
