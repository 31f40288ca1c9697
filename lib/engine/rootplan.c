/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rootplan - which folders a container's root file system is made of
 */
#include "engine/rootplan.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "rootfs/single.h"
#include "spec/spec.h"
#include "store/layers.h"
#include "store/skeleton.h"

/* The kernel takes 500 layers. */
enum { FOLDER_MODE = 0755, LAYERS_MAX = 500 };

int rootplan_layers(struct engine *engine, const struct strv *keys, const char *image,
		    struct strv *out, struct err *err)
{
	AUTO(mem) char *map = engine_layer_map(engine, err);

	if (!map)
		return err ? err->code : -EIO;
	for (size_t i = keys->count; i-- > 0;) {
		AUTO(layer) struct layer *layer = NULL;
		const char *id = keys->items[i];
		/* One that is being hashed: its folder stays where it is while it is mounted. */
		if (str_starts(id, "tmp/")) {
			strv_take(out, str_fmt("%s/%s/diff", engine->store->path, id));
			continue;
		}
		/* A file of the user's, not of the store; for a step of a build also a folder. */
		if (id[0] == '/') {
			if (access(id, F_OK) < 0)
				return err_set(err, -ENOENT, "the image '%s' is not there", id);
			strv_add(out, id);
			continue;
		}
		int r = layer_find(engine->store, id, map, &layer);
		if (r < 0) {
			(void)err_sys(err, r, "layer %.12s of the image cannot be used", id);
			return err_hint(err, "get it again with: cubby pull %s",
					str_or(image, "IMAGE"));
		}
		/* overlayfs takes no folder twice; the upper one hides what the lower would add. */
		if (strv_find(out, layer->path) < 0)
			strv_add(out, layer->path);
	}
	return 0;
}

void rootplan_stores(struct engine *engine, const struct strv *keys, struct strv *out)
{
	/* What is not asked costs nothing: nearly all have one store. */
	if (!engine->store->more.count)
		return;
	AUTO(mem) char *map = engine_layer_map(engine, NULL);
	for (size_t i = 0; i < keys->count; i++) {
		AUTO(layer) struct layer *layer = NULL;
		if (layer_find(engine->store, keys->items[i], map, &layer) < 0)
			continue;
		const char *path = layer_store(engine->store, layer);
		if (path && strv_find(out, path) < 0)
			strv_add(out, path);
	}
}

int rootplan_image(struct engine *engine, const struct container_config *config, struct strv *out,
		   struct err *err)
{
	int r = engine_read_too(engine, &config->image_stores, err);

	return r < 0 ? r : rootplan_layers(engine, &config->layers, config->image_name, out, err);
}

static int add_skeleton(const struct store *store, struct rootfs_plan *plan, struct err *err)
{
	AUTO(mem) char *path = NULL;

	if (str_eq(plan->driver, "copy") || plan->lower.count >= LAYERS_MAX)
		return 0;
	int r = skeleton_path(store, &path, err);
	if (r == 0)
		strv_add(&plan->lower, path);
	return r;
}

static int make_folder(int dir, const char *name)
{
	return mkdirat(dir, name, FOLDER_MODE) < 0 && errno != EEXIST ? -errno : 0;
}

/* The merged root shows owner and mode of upper/. */
static int copy_attributes(int dir, const char *from, const char *to)
{
	struct stat st;

	if (stat(from, &st) < 0 || fchownat(dir, to, st.st_uid, st.st_gid, 0) < 0 ||
	    fchmodat(dir, to, st.st_mode & 07777, 0) < 0)
		return -errno;
	const struct timespec times[2] = { st.st_atim, st.st_mtim };
	if (utimensat(dir, to, times, 0) < 0)
		return -errno;
	return 0;
}

static int make_upper(int dir, struct rootfs_plan *plan)
{
	const char *lowest_seen = plan->lower.count ? plan->lower.items[0] : NULL;

	if (mkdirat(dir, "upper", FOLDER_MODE) < 0)
		return errno == EEXIST ? 0 : -errno;
	/* The root of a single file is seen when it is mounted, and so are owners that are shown. */
	plan->copy_root = lowest_seen && (plan->view || single_is(lowest_seen));
	/* The same at every start: what the first layer is made of must not depend on the time. */
	if (!lowest_seen && utimensat(dir, "upper", (const struct timespec[2]){ 0 }, 0) < 0)
		return -errno;
	return lowest_seen && !plan->copy_root ? copy_attributes(dir, lowest_seen, "upper") : 0;
}

static int make_folders(int dir, struct rootfs_plan *plan, struct err *err)
{
	int r = make_folder(dir, "merged");

	if (r == 0 && plan->view)
		r = make_folder(dir, "view");
	if (r == 0 && plan->upper)
		r = make_folder(dir, "work");
	if (r == 0 && plan->upper)
		r = make_upper(dir, plan);
	return r < 0 ? err_sys(err, r, "cannot make the container's folders") : 0;
}

static int plan_root(struct engine *engine, const struct container_config *config,
		     struct rootfs_plan *plan, struct err *err)
{
	const struct store *store = engine->store;

	plan->target = store_container_path(store, config->id, "merged");
	plan->volatile_mode = config->remove || config->build;
	plan->program = str_dup(config->mount_program);
	strv_extend(&plan->options, &config->mount_options);
	if (config->rootfs) {
		strv_add(&plan->lower, config->rootfs);
		plan->driver = str_dup(config->rootfs_overlay ? str_or(config->driver, "overlay")
							      : "bind");
	} else {
		int r = rootplan_image(engine, config, &plan->lower, err);
		if (r < 0)
			return err_wrap(err, "container '%s'", config->name);
		plan->driver = str_dup(str_or(config->driver, "overlay"));
	}
	if (!str_eq(plan->driver, "bind")) {
		int r = spec_root_maps(engine->host, engine_identity(engine, err), config,
				       &plan->uid_mapping, &plan->gid_mapping, err);
		if (r < 0)
			return r;
		plan->upper = store_container_path(store, config->id, "upper");
		plan->work = store_container_path(store, config->id, "work");
		plan->view = config->show_owners ? store_container_path(store, config->id, "view")
						 : NULL;
		if (!config->rootfs)
			return add_skeleton(store, plan, err);
	}
	return 0;
}

int rootplan_make(struct engine *engine, const struct container_config *config, int dir,
		  struct rootfs_plan *out, struct err *err)
{
	AUTO(rootfs_plan) struct rootfs_plan plan = { 0 };

	int r = plan_root(engine, config, &plan, err);
	if (r == 0)
		r = make_folders(dir, &plan, err);
	if (r < 0)
		return r;
	*out = plan;
	plan = (struct rootfs_plan){ 0 };
	return 0;
}

int rootplan_shown(struct engine *engine, const struct container_config *config,
		   struct idmap *out_uids, struct idmap *out_gids, struct err *err)
{
	const struct identity_plan *identity = engine_identity(engine, err);
	int r = identity ? idmap_parse(config->uid_map, out_uids) : -EIO;

	if (identity && r == 0)
		r = idmap_complete(out_uids, idmap_size(&identity->uids));
	if (identity && r == 0)
		r = idmap_parse(config->gid_map, out_gids);
	if (identity && r == 0)
		r = idmap_complete(out_gids, idmap_size(&identity->gids));
	return r < 0 && identity ? err_sys(err, r, "cannot tell whose the files are") : r;
}

void rootplan_view(const char *point, const char *driver, struct rootfs_plan *plan)
{
	const bool one = plan->lower.count == 1;

	plan->target = str_dup(point);
	plan->driver = str_dup(one ? "bind" : driver);
	if (!one && str_eq(driver, "copy"))
		plan->upper = str_fmt("%s/upper", point);
}
