/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * packing - what a container has changed of its layers, as a tar
 */
#include "engine/packing.h"

#include <errno.h>

#include "base/fd.h"
#include "engine/lowers.h"
#include "engine/rootplan.h"
#include "engine/roots.h"
#include "rootfs/single.h"

static int add_single(const struct packing *p, const char *file, struct layer_folders *more,
		      struct strv *out, struct err *err)
{
	AUTO(mem) char *point = store_container_path(p->engine->store, p->config->id, "merged");
	AUTO(fd) int helper = -1;

	if (p->helper)
		return err_set(err, -EXDEV, "'%s' is mounted by a child only", file);
	if (more->count == LAYER_FOLDERS)
		return err_set(err, -EMFILE, "there are too many stores to read");
	int root = single_mount(file, point, p->engine->host, &helper, err);
	if (root < 0)
		return root;
	more->fds[more->count++] = root;
	strv_addf(out, "@%zu/.", more->count);
	return 0;
}

/* The layers' folders as cubby-layer takes them. */
static int lower_of(const struct packing *p, struct layer_folders *more, struct strv *out,
		    struct err *err)
{
	AUTO(strv) struct strv paths = { 0 };
	int r = rootplan_image(p->engine, p->config, &paths, err);

	for (size_t i = 0; r == 0 && i < paths.count; i++) {
		if (single_is(paths.items[i])) {
			r = add_single(p, paths.items[i], more, out, err);
			continue;
		}
		char *name = lowers_name(p->engine->store, paths.items[i]);
		bug_unless(name);
		strv_take(out, name);
	}
	return r;
}

int packing_do(const struct packing *packing, struct layer_digest *out, struct err *err)
{
	const struct store *store = packing->engine->store;
	AUTO(mem) char *program = host_helper(packing->engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };
	AUTO(layer_helper) struct layer_helper *own = NULL;
	AUTO(strv) struct strv lower = { 0 };
	AUTO(strv) struct strv mounted = { 0 };
	struct layer_folders more = lowers_folders(store);

	int r = packing->kind == LAYER_PACK_TREE ? 0 : lower_of(packing, &more, &lower, err);
	if (r == 0 && !packing->helper)
		r = layer_helper_open(&host, &own, err);
	if (r < 0)
		return r;
	root_made_for_mounts(&mounted);
	if (packing->mounted)
		strv_extend(&mounted, packing->mounted);
	static const struct strv none;
	const struct layer_pack req = { .dir = packing->dir,
					.out = packing->out,
					.kind = packing->kind,
					.flags = packing->flags,
					.time = packing->time,
					.owners = packing->owners,
					.store = store->dir,
					.lower = lower,
					.mounted = mounted,
					.undone = packing->undone ? *packing->undone : none,
					.more = more };
	return layer_pack(own ? own : packing->helper, &req, out, err);
}
