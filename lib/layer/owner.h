/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * owner - from the owners that a tar names to those on disk, and back
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kern/idmap.h"
#include "layer/job.h"

struct owner {
	bool all; /* .uid and .gid are everything's */
	int64_t uid, gid;
	struct idmap uids, gids; /* ids of the tar are inside; empty: they are the same */
};

/**
 * owner_load() - read what a request says
 * @from:	or NULL: owners are what the tar says
 * @all:	LAYER_OWNER was given
 * @out:	to be released with owner_clear; set on success only
 * @err:	that a map is none
 *
 * Return: 0 or -EBADMSG.
 */
must_check int owner_load(const struct layer_owners *from, bool all, struct owner *out,
			  struct err *err);

/**
 * owner_on_disk() - whose a file of a tar is on disk
 * @owner:	how
 * @uid:	as in the tar; changed
 * @gid:	likewise
 */
void owner_on_disk(const struct owner *owner, int64_t *uid, int64_t *gid);

/**
 * owner_in_tar() - whose a file on disk is in a tar
 * @owner:	how
 * @uid:	as on disk; changed
 * @gid:	likewise
 */
void owner_in_tar(const struct owner *owner, int64_t *uid, int64_t *gid);

/**
 * owner_clear() - release the maps
 * @owner:	empty afterwards
 */
void owner_clear(struct owner *owner);

static inline void auto_owner(struct owner *owner)
{
	owner_clear(owner);
}
