/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * subid - a source of sub-ids for the tests, as a directory service would bring one
 *
 * Built as libsubid_cubbytest.so and loaded by libsubid, in cubby as in newuidmap, where nsswitch.conf
 * says "subid: cubbytest". The tests' user has one range, other users have none. The types are those of
 * shadow's subid.h; its package is of no other use here.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define OWNER "cubby-test"

enum { FIRST = 3000000, COUNT = 65536 };

enum subid_status { SUBID_STATUS_SUCCESS, SUBID_STATUS_UNKNOWN_USER };
enum subid_type { ID_TYPE_UID = 1, ID_TYPE_GID = 2 };

struct subid_range {
	unsigned long start;
	unsigned long count;
};

enum subid_status shadow_subid_has_range(const char *owner, unsigned long start,
					 unsigned long count, enum subid_type type, bool *result);
enum subid_status shadow_subid_list_owner_ranges(const char *owner, enum subid_type type,
						 struct subid_range **out, int *count);
enum subid_status shadow_subid_find_subid_owners(unsigned long id, enum subid_type type,
						 uid_t **out, int *count);

enum subid_status shadow_subid_has_range(const char *owner, unsigned long start,
					 unsigned long count, enum subid_type type, bool *result)
{
	(void)type;
	*result = !strcmp(owner, OWNER) && start >= FIRST && count <= COUNT &&
		  start - FIRST <= COUNT - count;
	return SUBID_STATUS_SUCCESS;
}

enum subid_status shadow_subid_list_owner_ranges(const char *owner, enum subid_type type,
						 struct subid_range **out, int *count)
{
	(void)type;
	*out = NULL;
	*count = 0;
	if (strcmp(owner, OWNER) != 0)
		return SUBID_STATUS_SUCCESS;
	*out = malloc(sizeof **out);
	if (!*out)
		return SUBID_STATUS_UNKNOWN_USER;
	**out = (struct subid_range){ .start = FIRST, .count = COUNT };
	*count = 1;
	return SUBID_STATUS_SUCCESS;
}

enum subid_status shadow_subid_find_subid_owners(unsigned long id, enum subid_type type,
						 uid_t **out, int *count)
{
	(void)id;
	(void)type;
	*out = NULL;
	*count = 0;
	return SUBID_STATUS_SUCCESS;
}
