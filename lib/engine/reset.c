/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reset - removing a whole store
 */
#include "engine/reset.h"

#include <errno.h>
#include <unistd.h>

#include "base/str.h"
#include "engine/outer.h"
#include "engine/remove.h"
#include "store/record.h"

struct elsewhere {
	const struct engine *engine;
	struct err *err;
};

static int refuse_elsewhere(void *data, unused_arg const char *id, struct container_state *state)
{
	const struct elsewhere *e = data;
	AUTO(container_state) struct container_state *owned = state;
	bool runs = owned &&
		    (owned->status == CONTAINER_RUNNING || owned->status == CONTAINER_PAUSED ||
		     owned->status == CONTAINER_RESTARTING);

	if (!runs || str_eq(owned->host_id, e->engine->store->host_id))
		return 0;
	(void)err_set(e->err, -EBUSY, "container '%s' runs on another host, '%s'", owned->name,
		      str_or(owned->host_id, "?"));
	return err_hint(e->err, "stop it there first");
}

int reset_check(struct engine *engine, struct err *err)
{
	struct elsewhere e = { engine, err };
	int r = store_check_writable(engine->store, err);

	return r < 0 ? r : record_each_state(engine->store, refuse_elsewhere, &e, err);
}

static int remove_containers(struct engine *engine, struct err *err)
{
	static const struct remove_options options = { .force = true,
						       .volumes = true,
						       .timeout = -1 };
	AUTO(strv) struct strv ids = { 0 };
	int r = record_list(engine->store, &ids, err);

	for (size_t i = 0; i < ids.count && r == 0; i++)
		r = container_remove(engine, ids.items[i], &options, err);
	return r;
}

static int wipe(void *data, struct err *err)
{
	const struct engine *engine = data;

	return store_wipe(engine->store, err);
}

int reset_store(struct engine *engine, struct err *err)
{
	int r = reset_check(engine, err);

	if (r == 0)
		r = remove_containers(engine, err);
	if (r == 0)
		r = outer_run(engine, 0, wipe, engine, err);
	if (r == 0)
		/* One that holds other things, or is somebody's mount, stays empty of ours. */
		(void)!rmdir(engine->store->path);
	return r;
}
