/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stepids - the ids that the steps of a build have, before anything is built
 */
#include "engine/stepids.h"

#include <errno.h>

#include "engine/driver.h"
#include "engine/idmaps.h"
#include "kern/idmap.h"

/* All ids but the caller's own. */
static int plan_nomap(struct engine *engine, struct container_config *config, struct err *err)
{
	const struct identity_plan *identity = engine_identity(engine, err);

	if (!identity)
		return -EIO;
	const uint32_t uids = idmap_size(&identity->uids), gids = idmap_size(&identity->gids);
	if (uids < 2 || gids < 2) {
		err_set(err, -ERANGE, "--userns nomap leaves no id: there is only your own");
		return err_hint(err, "have root grant you sub-ids: see 'cubby doctor'");
	}
	config->uid_map = str_fmt("0 1 %u\n", uids - 1);
	config->gid_map = str_fmt("0 1 %u\n", gids - 1);
	return 0;
}

static int check_driver(struct engine *engine, struct err *err)
{
	const char *driver = driver_choose(engine, err);

	if (!driver)
		return err->code;
	if (str_eq(driver, "fuse-overlayfs") || driver_shifts(engine))
		return 0;
	err_set(err, -ENOTSUP,
		"a map that shifts ids needs fuse-overlayfs, which shows the "
		"image's files to RUN as its own");
	return err_hint(err, "install fuse-overlayfs; it needs /dev/fuse");
}

/* What a step writes is kept with the image's ids, which must be some that this user's files can have. */
static int check_inside(const struct idmap *map, uint32_t ids, struct err *err)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct id_range *m = &map->items[i];
		if (m->inside < ids && m->count <= ids - m->inside)
			continue;
		err_set(err, -ERANGE,
			"'%u:%u:%u': what RUN makes as %u could not be kept, layers have the ids 0 "
			"to %u",
			m->inside, m->outside, m->count, m->inside + (m->count - 1), ids - 1);
		return err_hint(err, "as many as you have: your own and your sub-ids");
	}
	return 0;
}

/* Whom what is mounted for a container belongs to. */
static int check_root(const struct idmap *map, const char *whom, struct err *err)
{
	uint32_t ignored;

	if (idmap_outside(map, 0, &ignored) == 0)
		return 0;
	err_set(err, -EINVAL, "the map of %s leaves out 0, root of the image", whom);
	return err_hint(err, "map it, too: it may be any id, for example 0:1:1");
}

/* What shows owners has a range for those that the map leaves out, too. */
static int check_shown(const struct idmap *map, uint32_t ids, const char *whom, struct err *err)
{
	AUTO(idmap) struct idmap whole = { 0 };
	int r = idmap_whole(map, ids, &whole);

	if (r == -E2BIG) {
		err_set(err, r,
			"the map of %s has %zu ranges, which are more than %d with those between "
			"them",
			whom, map->count, IDMAP_RANGES_MAX);
		return err_hint(err, "map ids that follow each other as one range");
	}
	return r < 0 ? err_sys(err, r, "cannot map ids") : 0;
}

static int check_shift(struct engine *engine, const struct idmap *uids, const struct idmap *gids,
		       const struct identity_plan *identity, struct err *err)
{
	if (!idmap_shifts(uids) && !idmap_shifts(gids))
		return 0;
	int r = check_shown(uids, idmap_size(&identity->uids), "users", err);
	if (r == 0)
		r = check_shown(gids, idmap_size(&identity->gids), "groups", err);
	return r < 0 ? r : check_driver(engine, err);
}

static int check(struct engine *engine, const struct idmap *uids, const struct idmap *gids,
		 struct err *err)
{
	const struct identity_plan *identity = engine_identity(engine, err);
	int r = check_root(uids, "users", err);

	if (r == 0)
		r = check_root(gids, "groups", err);
	if (r < 0)
		return r;
	r = identity ? check_inside(uids, idmap_size(&identity->uids), err) : -EIO;
	if (r == 0)
		r = check_inside(gids, idmap_size(&identity->gids), err);
	return r < 0 ? r : check_shift(engine, uids, gids, identity, err);
}

static void add_key(const char *name, const struct strv *ranges, struct strv *out)
{
	for (size_t i = 0; i < ranges->count; i++)
		strv_addf(out, "%s=%s", name, ranges->items[i]);
}

int stepids_resolve(struct engine *engine, const struct create_args *args, struct strv *out_uids,
		    struct strv *out_gids, struct strv *out_key, struct err *err)
{
	AUTO(container_config) struct container_config *config = mem_new(struct container_config);
	AUTO(idmap) struct idmap uids = { 0 };
	AUTO(idmap) struct idmap gids = { 0 };
	const bool any = str_starts(str_or(args->userns, ""), "auto");

	config->build = true;
	int r = any ? idmaps_auto(engine, args->userns, &config->uid_map, &config->gid_map, err)
		: str_eq(args->userns, "nomap") ? plan_nomap(engine, config, err)
						: idmaps_plan(engine, args, config, err);
	if (r < 0 || !config->uid_map)
		return r;
	r = idmap_parse(config->uid_map, &uids);
	if (r == 0)
		r = idmap_parse(config->gid_map, &gids);
	if (r < 0)
		return err_sys(err, r, "cannot map ids");
	r = check(engine, &uids, &gids, err);
	/* With one id this is the map that there is anyway, in which each USER is the caller. */
	if (r < 0 || engine_identity(engine, NULL)->kind == IDENTITY_ONE_ID)
		return r;
	if (any) {
		strv_addf(out_key, "userns=%s", args->userns);
		return 0;
	}
	idmap_texts(&uids, out_uids);
	idmap_texts(&gids, out_gids);
	add_key("uid-map", out_uids, out_key);
	add_key("gid-map", out_gids, out_key);
	return 0;
}
