/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * export - a container's or a volume's files as a tar
 */
#include "engine/export.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/outer.h"
#include "engine/roots.h"
#include "layer/client.h"
#include "store/event.h"
#include "store/volume.h"

struct job {
	struct engine *engine;
	struct root_hold *hold; /* of a container */
	const char *path;	/* of a volume */
	int fd;
};

static int open_helper(const struct job *job, struct layer_helper **out, struct err *err)
{
	AUTO(mem) char *program = host_helper(job->engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };

	return layer_helper_open(&host, out, err);
}

static int pack(const struct job *job, int dir, const struct layer_owners *owners, struct err *err)
{
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	AUTO(strv) struct strv mounted = { 0 };
	if (job->hold)
		root_made_for_mounts(&mounted);
	const struct layer_pack req = {
		.dir = dir,
		.out = job->fd,
		.kind = LAYER_PACK_TREE,
		.owners = owners,
		.store = -1,
		.mounted = mounted,
	};
	int r = open_helper(job, &helper, err);

	return r < 0 ? r : layer_pack(helper, &req, &digest, err);
}

static int export_child(void *data, struct err *err)
{
	struct job *job = data;
	AUTO(root_view) struct root_view view = { .fd = -1, .bare = -1, .helper = -1 };
	int r = root_open(job->hold, 0, &view, err);

	if (r < 0)
		return r;
	AUTO(mem) char *uids = root_maps_text(&view.uids);
	AUTO(mem) char *gids = root_maps_text(&view.gids);
	const struct layer_owners owners = { .uids = uids, .gids = gids };
	return pack(job, view.bare, &owners, err);
}

int container_export(struct engine *engine, const char *id, int to, struct err *err)
{
	AUTO(root_hold) struct root_hold *hold = NULL;
	int r = root_hold(engine, id, &hold, err);

	if (r < 0)
		return r;
	struct job job = { .engine = engine, .hold = hold, .fd = to };
	r = outer_run(engine, ROOT_NAMESPACES, export_child, &job, err);
	if (r < 0)
		return r;
	const struct event_about about = event_of_config(root_config(hold));
	event_write(engine->store, EVENT_CONTAINER, EVENT_EXPORT, &about, NULL);
	return 0;
}

/* ---- volumes ------------------------------------------------------------------------------- */

static int open_volume(const struct job *job, struct err *err)
{
	int fd = open(job->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? err_sys(err, -errno, "cannot open '%s'", job->path) : fd;
}

static int volume_out_child(void *data, struct err *err)
{
	struct job *job = data;
	AUTO(fd) int dir = open_volume(job, err);

	return dir < 0 ? dir : pack(job, dir, NULL, err);
}

int volume_export(struct engine *engine, const char *name, int to, struct err *err)
{
	AUTO(volume) struct volume *volume = NULL;
	int r = volume_load(engine->store, name, &volume, err);

	if (r < 0)
		return r;
	struct job job = { .engine = engine, .path = volume->path, .fd = to };
	return outer_run(engine, 0, volume_out_child, &job, err);
}

static int volume_in_child(void *data, struct err *err)
{
	struct job *job = data;
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(layer_applied) struct layer_applied applied = { 0 };
	bool one_id = job->engine->identity.kind == IDENTITY_ONE_ID;
	AUTO(fd) int dir = open_volume(job, err);

	if (dir < 0)
		return dir;
	const struct layer_apply req = {
		.blob = job->fd,
		.more = -1,
		.diff = dir,
		.journal = -1,
		.flags = LAYER_PLAIN | LAYER_SYNC | (one_id ? LAYER_ONE_ID : 0),
		.below = "",
	};
	int r = open_helper(job, &helper, err);
	if (r == 0)
		r = layer_apply_start(helper, &req, err);
	return r < 0 ? r : layer_apply_finish(helper, &applied, err);
}

int volume_import(struct engine *engine, const char *name, int from, struct err *err)
{
	AUTO(volume) struct volume *volume = NULL;
	int r = volume_load(engine->store, name, &volume, err);

	if (r < 0)
		return r;
	if (!engine_identity(engine, err)) /* the child shall find it chosen */
		return err ? err->code : -EIO;
	struct job job = { .engine = engine, .path = volume->path, .fd = from };
	return outer_run(engine, 0, volume_in_child, &job, err);
}
