/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ids - whether a container gets a user namespace of its own, and with which maps
 */
#include "spec/ids.h"

#include <errno.h>

/* keep-id[:uid=N,gid=N]; absent numbers are the caller's. */
static int parse_keep(const char *mode, uint32_t *uid, uint32_t *gid, struct err *err)
{
	AUTO(strv) struct strv parts = { 0 };
	const char *rest = str_starts(mode, "keep-id");
	uint64_t n;

	if (!*rest)
		return 0;
	strv_split(&parts, rest + 1, ',');
	for (size_t i = 0; i < parts.count; i++) {
		const char *u = str_starts(parts.items[i], "uid=");
		const char *g = str_starts(parts.items[i], "gid=");
		if ((!u && !g) || str_u64(u ? u : g, UINT32_MAX - 1, &n) < 0)
			return err_set(err, -EINVAL, "'%s' is no user namespace mode", mode);
		*(u ? uid : gid) = (uint32_t)n;
	}
	return 0;
}

static bool is_keep(const char *mode)
{
	const char *rest = mode ? str_starts(mode, "keep-id") : NULL;

	return rest && (!*rest || *rest == ':');
}

static bool has_bind(const struct container_config *config)
{
	for (size_t i = 0; i < config->mounts.count; i++)
		if (str_eq(config->mounts.items[i].type, "bind"))
			return true;
	return false;
}

/* "1000:1000" or "1000", with the very ids of the caller, and something of the host to write to. Without
 * that the exchange would only take from an image what its own user 1000 has. A group that is not
 * named is the image's, or root's, and that is the caller's already. What a step of a build writes is
 * its user's in the layer. */
static bool is_caller(const struct container_config *config, const struct spec_facts *facts,
		      uint32_t *out_gid)
{
	AUTO(mem) char *user = str_fmt("%u", facts->host_uid);
	AUTO(mem) char *pair = str_fmt("%u:%u", facts->host_uid, facts->host_gid);
	bool alone = str_eq(config->user, user);

	*out_gid = alone ? 0 : facts->host_gid;
	return !config->build && has_bind(config) && facts->host_uid != 0 && facts->host_gid != 0 &&
	       (alone || str_eq(config->user, pair));
}

char *spec_user(const struct container_config *config, const struct spec_facts *facts)
{
	uint32_t uid = facts->host_uid, gid = facts->host_gid;

	if (!is_keep(config->userns_mode) || !str_empty(config->user) ||
	    parse_keep(config->userns_mode, &uid, &gid, NULL) < 0)
		return str_dup(config->user);
	return str_fmt("%u:%u", uid, gid);
}

typedef int (*map_fn)(uint32_t ids, uint32_t id, struct idmap *out);

static int both(map_fn map, const struct spec_facts *facts, uint32_t uid, uint32_t gid,
		struct idmap *out_uids, struct idmap *out_gids, struct err *err)
{
	AUTO(idmap) struct idmap uids = { 0 };
	AUTO(idmap) struct idmap gids = { 0 };
	int r = map(facts->ids, uid, &uids);

	if (r == 0)
		r = map(facts->gids, gid, &gids);
	if (r < 0)
		return err_set(err, -EINVAL, "user %u:%u is beyond the %u ids at hand", uid, gid,
			       facts->ids);
	r = idmap_split(&uids, facts->uid_map);
	if (r == 0)
		r = idmap_split(&gids, facts->gid_map);
	if (r < 0)
		return err_sys(err, r, "cannot map the ids of a user namespace of its own");
	*out_uids = uids;
	*out_gids = gids;
	uids = gids = (struct idmap){ 0 };
	return 1;
}

/* Everything but the caller's own id, which is then not visible inside. */
static int no_map(uint32_t ids, uint32_t id, struct idmap *out)
{
	(void)id;
	return ids < 2 ? -ERANGE : idmap_add(out, 0, 1, ids - 1);
}

static int as_they_are(uint32_t ids, uint32_t id, struct idmap *out)
{
	(void)id;
	return idmap_add(out, 0, 0, ids);
}

/* Where the layers' owners cannot be shown shifted, an exchange keeps all but root's right. */
static int keep(const struct spec_facts *facts, uint32_t uid, uint32_t gid, struct idmap *out_uids,
		struct idmap *out_gids, struct err *err)
{
	map_fn map = facts->maps_owners || facts->ids == 1 ? idmap_keep_id : idmap_swap;

	return both(map, facts, uid, gid, out_uids, out_gids, err);
}

static int needs_mapping(const char *mode, struct err *err)
{
	(void)err_set(err, -ENOTSUP, "the user namespace mode '%s' needs fuse-overlayfs", mode);
	return err_hint(err, "install fuse-overlayfs; it needs /dev/fuse");
}

/* Maps that the record holds; checked again, as sub-ids may have been taken away since. */
static int recorded(const struct container_config *config, const struct spec_facts *facts,
		    struct idmap *out_uids, struct idmap *out_gids, struct err *err)
{
	AUTO(idmap) struct idmap uids = { 0 };
	AUTO(idmap) struct idmap gids = { 0 };
	int r = idmap_parse(config->uid_map, &uids);

	if (r == 0)
		r = idmap_parse(str_or(config->gid_map, config->uid_map), &gids);
	if (r == 0 && !facts->maps_owners && !config->rootfs &&
	    (idmap_shifts(&uids) || idmap_shifts(&gids)))
		return needs_mapping(config->userns_mode, err);
	if (r == 0)
		r = idmap_split(&uids, facts->uid_map);
	if (r == 0)
		r = idmap_split(&gids, facts->gid_map);
	if (r < 0)
		return err_sys(err, r, "cannot map the ids of a user namespace of its own");
	*out_uids = uids;
	*out_gids = gids;
	uids = gids = (struct idmap){ 0 };
	return 1;
}

int spec_maps(const struct container_config *config, const struct spec_facts *facts,
	      struct idmap *out_uids, struct idmap *out_gids, struct err *err)
{
	const char *mode = str_or(config->userns_mode, "host");
	uint32_t uid = facts->host_uid, gid = facts->host_gid;

	if (config->uid_map)
		return recorded(config, facts, out_uids, out_gids, err);
	if (is_keep(mode)) {
		int r = parse_keep(mode, &uid, &gid, err);
		return r < 0 ? r : keep(facts, uid, gid, out_uids, out_gids, err);
	}
	if (str_eq(mode, "nomap") && !facts->maps_owners)
		return needs_mapping(mode, err);
	if (str_eq(mode, "nomap"))
		return both(no_map, facts, 0, 0, out_uids, out_gids, err);
	if (!str_eq(mode, "host") && !str_empty(mode))
		return err_set(err, -ENOTSUP, "there is no user namespace mode '%s'", mode);
	if (facts->identity == IDENTITY_ONE_ID && facts->user &&
	    (facts->user->uid != 0 || facts->user->gid != 0))
		return both(idmap_keep_id, facts, facts->user->uid, facts->user->gid, out_uids,
			    out_gids, err);
	if (facts->identity == IDENTITY_RANGES && is_caller(config, facts, &gid))
		return both(idmap_swap, facts, uid, gid, out_uids, out_gids, err);
	/* RLIMIT_NPROC counts by namespace: in a shared one everybody's processes. */
	if (facts->fallbacks & FALLBACK_PIDS)
		return both(as_they_are, facts, 0, 0, out_uids, out_gids, err);
	return 0;
}

static uint32_t size_of(const struct runtime_maps *maps)
{
	uint32_t next = 0;

	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < maps->count; i++)
			if (maps->items[i].inside == next && maps->items[i].count) {
				next += maps->items[i].count;
				more = true;
			}
	}
	return next;
}

uint32_t spec_group_count(const struct runtime_spec *spec, const struct spec_facts *facts)
{
	return spec->gids.count ? size_of(&spec->gids) : facts->gids;
}

static char *print_mapping(const struct idmap *map)
{
	AUTO(strv) struct strv parts = { 0 };

	idmap_texts(map, &parts);
	return str_join(&parts, ":");
}

int spec_owner_maps(const struct container_config *config, const struct spec_facts *facts,
		    char **out_uids, char **out_gids, struct err *err)
{
	AUTO(idmap) struct idmap uids = { 0 };
	AUTO(idmap) struct idmap gids = { 0 };
	bool shifted = is_keep(config->userns_mode) || str_eq(config->userns_mode, "nomap") ||
		       config->uid_map;

	if (!shifted || !facts->maps_owners || facts->ids == 1)
		return 0;
	int r = spec_maps(config, facts, &uids, &gids, err);
	if (r < 0)
		return r;
	if (config->show_owners)
		r = idmap_complete(&uids, facts->ids);
	if (config->show_owners && r >= 0)
		r = idmap_complete(&gids, facts->gids);
	if (r < 0)
		return err_sys(err, r, "cannot show the owners of layers");
	*out_uids = print_mapping(&uids);
	*out_gids = print_mapping(&gids);
	return 1;
}
