/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * idtext - the texts of --uidmap and --gidmap
 *
 *	[FLAGS]CONTAINER:FROM[:AMOUNT]		FROM is an id of the user's namespace (0 is the user, 1 and up
 *						the sub-ids), or @ID, an id of the host
 *	FLAGS: "u" for users only, "g" for groups only, "+" to change what is mapped anyway instead of
 *	       beginning with nothing
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "kern/idmap.h"

/**
 * idtext_apply() - add what a text says to a map
 * @text:	as above
 * @kind:	'u' or 'g': a text for the other kind alone changes nothing
 * @outer:	map of the user's namespace, for @ID and to see that FROM is there
 * @map:	grows; with "+" what was mapped to or from the same ids gives way
 * @err:	names @text and the rule
 *
 * Return: 1 when it was for this kind, 0 when it was not; -EINVAL; -ERANGE when FROM is not the user's.
 */
must_check int idtext_apply(const char *text, char kind, const struct idmap *outer,
			    struct idmap *map, struct err *err);

/**
 * idtext_list() - read a list of maps: CONTAINER:FROM:AMOUNT, several joined by commas or by colons
 * @text:	as typed; there are no flags, and FROM is an id of the user's namespace
 * @out:	"CONTAINER:FROM:AMOUNT" of each is added, also on failure
 *
 * Return: 0 or -EINVAL.
 */
must_check int idtext_list(const char *text, struct strv *out);

/**
 * idtext_extends() - whether a text changes what is mapped anyway
 * @text:	as above
 *
 * Return: whether "+" is among its flags.
 */
bool idtext_extends(const char *text);

/**
 * idtext_carve() - map a range, whatever was mapped to or from its ids before
 * @map:	changed
 * @range:	added
 *
 * Return: 0; -EINVAL when it is empty or wraps; -E2BIG beyond IDMAP_RANGES_MAX.
 */
must_check int idtext_carve(struct idmap *map, const struct id_range *range);
