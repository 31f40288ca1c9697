/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * owner - from the owners that a tar names to those on disk, and back
 */
#include "layer/owner.h"

#include <errno.h>

int owner_load(const struct layer_owners *from, bool all, struct owner *out, struct err *err)
{
	AUTO(owner) struct owner owner = { 0 };

	if (!from)
		return 0;
	owner.all = all;
	owner.uid = from->uid;
	owner.gid = from->gid;
	if ((from->uids && idmap_parse(from->uids, &owner.uids) < 0) ||
	    (from->gids && idmap_parse(from->gids, &owner.gids) < 0))
		return err_set(err, -EBADMSG, "a request with a map of ids that is none");
	*out = owner;
	owner = (struct owner){ 0 };
	return 0;
}

static int64_t outside(const struct idmap *map, int64_t id, int64_t other)
{
	uint32_t found;

	if (!map->count)
		return id;
	if (id < 0 || id > UINT32_MAX || idmap_outside(map, (uint32_t)id, &found) < 0)
		return other;
	return found;
}

static int64_t inside(const struct idmap *map, int64_t id, int64_t other)
{
	if (!map->count)
		return id;
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *r = &map->items[i];
		if (id >= r->outside && id < (int64_t)r->outside + r->count)
			return id - r->outside + r->inside;
	}
	return other;
}

void owner_on_disk(const struct owner *owner, int64_t *uid, int64_t *gid)
{
	*uid = owner->all ? owner->uid : outside(&owner->uids, *uid, owner->uid);
	*gid = owner->all ? owner->gid : outside(&owner->gids, *gid, owner->gid);
}

void owner_in_tar(const struct owner *owner, int64_t *uid, int64_t *gid)
{
	*uid = owner->all ? owner->uid : inside(&owner->uids, *uid, owner->uid);
	*gid = owner->all ? owner->gid : inside(&owner->gids, *gid, owner->gid);
}

void owner_clear(struct owner *owner)
{
	idmap_clear(&owner->uids);
	idmap_clear(&owner->gids);
}
