/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runids - whose the files are that a RUN is shown, where it has ids of its own
 */
#include "build/runids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/fd.h"
#include "build/box.h"
#include "build/report.h"
#include "engine/remove.h"
#include "kern/reown.h"
#include "spec/idtext.h"

/* ---- the maps --------------------------------------------------------------------------------- */

/* A box that is never started. */
static int claim(struct work *work, struct runids *ids, struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	struct create_args args = work->options->run;
	const char *mode = args.userns;

	box_idle(&args);
	args.userns = mode;
	args.volumes = args.mounts = args.devices = args.networks = (struct strv){ 0 };
	int r = box_make(work->engine, &work->sofar, &args, NULL, &config, &ids->lock, err);
	if (r < 0)
		return r;
	ids->box = str_dup(config->id);
	report_send(work->sock, &(struct report){ .kind = REPORT_BOX, .text = config->id });
	r = idmap_parse(config->uid_map, &ids->uids);
	if (r == 0)
		r = idmap_parse(config->gid_map, &ids->gids);
	if (r < 0)
		return err_sys(err, r, "cannot map ids");
	idmap_texts(&ids->uids, &ids->uid_texts);
	idmap_texts(&ids->gids, &ids->gid_texts);
	return 0;
}

static int read_texts(const struct strv *texts, char kind, const struct idmap *outer,
		      struct idmap *out, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < texts->count && r >= 0; i++)
		r = idtext_apply(texts->items[i], kind, outer, out, err);
	return min_of(r, 0);
}

static int read_maps(struct work *work, struct runids *ids, struct err *err)
{
	const struct identity_plan *identity = engine_identity(work->engine, err);
	const struct create_args *run = &work->options->run;

	strv_extend(&ids->uid_texts, &run->uid_maps);
	strv_extend(&ids->gid_texts, &run->gid_maps);
	int r = identity ? read_texts(&ids->uid_texts, 'u', &identity->uids, &ids->uids, err)
			 : -EIO;
	return r < 0 ? r : read_texts(&ids->gid_texts, 'g', &identity->gids, &ids->gids, err);
}

int runids_take(struct work *work, struct runids *out, struct err *err)
{
	AUTO(runids) struct runids ids = { .engine = work->engine, .lock = -1 };
	const struct create_args *run = &work->options->run;
	int r = run->userns	      ? claim(work, &ids, err)
		: run->uid_maps.count ? read_maps(work, &ids, err)
				      : 0;

	if (r < 0)
		return r;
	ids.shifts = idmap_shifts(&ids.uids) || idmap_shifts(&ids.gids);
	*out = ids;
	ids = (struct runids){ .lock = -1 };
	return 0;
}

void runids_args(const struct runids *ids, struct create_args *args)
{
	if (!ids->uid_texts.count)
		return;
	args->userns = NULL;
	args->uid_maps = ids->uid_texts;
	args->gid_maps = ids->gid_texts;
}

/* ---- owners ----------------------------------------------------------------------------------- */

/* How far a range reaches does not change whose a file is. */
static char *print(const struct idmap *map)
{
	return map->count == 1 && map->items[0].inside == 0 ? str_fmt("%u", map->items[0].outside)
							    : idmap_print(map);
}

char *runids_name(const struct runids *ids)
{
	if (!ids->shifts)
		return NULL;
	AUTO(mem) char *uids = print(&ids->uids);
	AUTO(mem) char *gids = print(&ids->gids);
	return str_fmt("%s,%s", uids, gids);
}

int runids_owner(const struct runids *ids, uint32_t uid, uint32_t gid, uint32_t *out_uid,
		 uint32_t *out_gid, struct err *err)
{
	uint32_t u = uid, g = gid;

	if (ids->shifts && idmap_outside(&ids->uids, uid, &u) < 0)
		return err_set(err, -ERANGE, "the map of ids leaves out the user %u", uid);
	if (ids->shifts && idmap_outside(&ids->gids, gid, &g) < 0)
		return err_set(err, -ERANGE, "the map of ids leaves out the group %u", gid);
	*out_uid = u;
	*out_gid = g;
	return 0;
}

static int invert(const struct idmap *map, uint32_t ids, struct idmap *out)
{
	AUTO(idmap) struct idmap whole = { 0 };
	int r = idmap_whole(map, ids, &whole);

	for (size_t i = 0; r == 0 && i < whole.count; i++)
		r = idmap_add(out, whole.items[i].outside, whole.items[i].inside,
			      whole.items[i].count);
	return r;
}

int runids_show(const struct runids *ids, const char *path)
{
	static const struct strv none;
	AUTO(idmap) struct idmap uids = { 0 };
	AUTO(idmap) struct idmap gids = { 0 };
	AUTO(fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct identity_plan *identity = engine_identity(ids->engine, NULL);

	if (fd < 0 || !identity)
		return fd < 0 ? -errno : -EIO;
	int r = invert(&ids->uids, idmap_size(&identity->uids), &uids);
	if (r == 0)
		r = invert(&ids->gids, idmap_size(&identity->gids), &gids);
	return r < 0 ? r : reown_tree(fd, &uids, &gids, &none);
}

void runids_release(struct runids *ids)
{
	if (ids->box) {
		container_drop(ids->engine, ids->box);
		fd_close(ids->lock);
	}
	free(ids->box);
	strv_clear(&ids->uid_texts);
	strv_clear(&ids->gid_texts);
	idmap_clear(&ids->uids);
	idmap_clear(&ids->gids);
	*ids = (struct runids){ .lock = -1 };
}
