/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mounting - a container's root file system, mounted for its user: `mount` and `unmount`
 */
#include "engine/mounting.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/driver.h"
#include "engine/keeper.h"
#include "engine/rootplan.h"
#include "engine/roots.h"
#include "kern/mount.h"
#include "rootfs/rootfs.h"
#include "rootfs/single.h"
#include "store/event.h"
#include "store/layers.h"

enum { POINT_MODE = 0700 };

static int check_right(struct engine *engine, struct err *err)
{
	if (engine->host->root)
		return 0;
	(void)err_set(err, -EPERM, "a user's mounts are seen in a namespace of their own only");
	return err_hint(err, "run it, and what looks at the mount, inside: cubby unshare");
}

/* Whether something is mounted on a folder. */
static bool is_mounted(const char *path)
{
	struct statx here, above;
	AUTO(mem) char *parent = str_fmt("%s/..", path);
	unsigned int want = STATX_MNT_ID;

	/* ".." of a mount's root is that of the folder it covers. */
	return statx(AT_FDCWD, path, 0, want, &here) == 0 &&
	       statx(AT_FDCWD, parent, 0, want, &above) == 0 && here.stx_mnt_id != above.stx_mnt_id;
}

char *mounting_path(struct engine *engine, const char *id)
{
	AUTO(mem) char *path = store_container_path(engine->store, id, "merged");

	return is_mounted(path) ? take_ptr(path) : NULL;
}

/* A copy of a mount can be made in its own namespace only. */
static int copy_from(const char *namespace, const char *path)
{
	AUTO(fd) int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	AUTO(fd) int there = own < 0 ? -1 : open(namespace, O_RDONLY | O_CLOEXEC);

	if (there < 0 || setns(there, CLONE_NEWNS) < 0)
		return -errno;
	AUTO(fd) int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int copy = root < 0 ? -errno : mount_copy(root, false);
	if (setns(own, CLONE_NEWNS) < 0) {
		fd_close(copy);
		return -errno;
	}
	return copy;
}

static int mount_running(struct root_hold *hold, const char *path, struct err *err)
{
	const struct container_config *config = root_config(hold);
	AUTO(mem) char *namespace = str_fmt("/proc/%d/ns/mnt", root_monitor(hold));
	AUTO(fd) int copy = copy_from(namespace, path);
	AUTO(fd) int target = copy < 0 ? -1 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = copy < 0 ? copy : target < 0 ? -errno : mount_attach(copy, target);

	return r < 0 ? err_sys(err, r, "cannot mount container '%s'", config->name) : 0;
}

static int mount_stopped(struct engine *engine, struct root_hold *hold, struct err *err)
{
	const struct container_config *config = root_config(hold);
	AUTO(rootfs_plan) struct rootfs_plan plan = { 0 };
	AUTO(mem) char *folder = store_container_path(engine->store, config->id, NULL);
	AUTO(fd) int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd) int helper = -1;

	if (dir < 0)
		return err_sys(err, -errno, "cannot open the folder of container '%s'",
			       config->name);
	int r = rootplan_make(engine, config, dir, &plan, err);
	if (r < 0)
		return r;
	plan.volatile_mode = false;
	if (str_eq(plan.driver, "fuse-overlayfs"))
		return keeper_mount(&plan, engine->host, err);
	AUTO(fd) int root = rootfs_apply(&plan, engine->host, &helper, err);
	return min_of(root, 0);
}

static void tell_mounted(struct engine *engine, const struct container_config *config)
{
	const struct event_about about = event_of_config(config);

	event_write(engine->store, EVENT_CONTAINER, EVENT_MOUNT, &about, NULL);
}

int mounting_add(struct engine *engine, const char *id, char **out_path, struct err *err)
{
	AUTO(root_hold) struct root_hold *hold = NULL;
	AUTO(mem) char *path = store_container_path(engine->store, id, "merged");

	int r = check_right(engine, err);
	if (r == 0 && !is_mounted(path)) {
		r = root_hold(engine, id, &hold, err);
		if (r == 0)
			r = root_runs(hold) ? mount_running(hold, path, err)
					    : mount_stopped(engine, hold, err);
		if (r == 0)
			tell_mounted(engine, root_config(hold));
	}
	if (r == 0)
		*out_path = take_ptr(path);
	return r;
}

static int unmount(struct engine *engine, const char *path, const char *what, bool force,
		   struct err *err)
{
	int r = check_right(engine, err);

	if (r < 0)
		return r;
	if (!path || !is_mounted(path))
		return err_set(err, -EINVAL, "%s is not mounted", what);
	if (umount2(path, force ? MNT_DETACH : 0) < 0) {
		r = err_sys(err, -errno, "cannot unmount %s", what);
		return r == -EBUSY ? err_hint(err, "--force lets go of files that are open") : r;
	}
	return 0;
}

int mounting_remove(struct engine *engine, const char *id, bool force, struct err *err)
{
	AUTO(mem) char *path = store_container_path(engine->store, id, "merged");
	AUTO(mem) char *what = str_fmt("container '%.12s'", id);

	int r = unmount(engine, path, what, force, err);
	if (r == 0)
		event_named(engine->store, EVENT_CONTAINER, EVENT_UNMOUNT, id, NULL);
	return r;
}

/* ---- images -------------------------------------------------------------------------------- */

/*
 * Beside the files of its uppermost layer, or of where they would be when they lie in a store that is only
 * read from; NULL when they are not here.
 */
static char *image_point(struct engine *engine, const struct image *image)
{
	AUTO(layer) struct layer *layer = NULL;
	AUTO(mem) char *map = engine_layer_map(engine, NULL);

	if (!map || !image->layers.count ||
	    layer_find(engine->store, image->layers.items[image->layers.count - 1], map, &layer) <
		    0)
		return NULL;
	if (layer->file || layer_store(engine->store, layer))
		return str_fmt("%s/layers/%s.merged", engine->store->path, layer->key);
	return str_fmt("%s/../merged", layer->path);
}

char *mounting_image_path(struct engine *engine, const struct image *image)
{
	AUTO(mem) char *point = image_point(engine, image);
	char path[PATH_MAX];

	return point && is_mounted(point) && realpath(point, path) ? str_dup(path) : NULL;
}

static int mount_layers(struct engine *engine, const char *point, const struct strv *layers,
			struct err *err)
{
	struct rootfs_plan plan = { .lower = *layers, .target = (char *)point };
	AUTO(fd) int helper = -1;

	plan.driver = layers->count == 1 ? (char *)"bind" : (char *)driver_choose(engine, err);
	if (!plan.driver)
		return err ? err->code : -EIO;
	if (str_eq(plan.driver, "fuse-overlayfs"))
		return keeper_mount(&plan, engine->host, err);
	if (!str_eq(plan.driver, "overlay") && layers->count > 1) {
		(void)err_set(err, -ENOTSUP,
			      "an image of several layers needs the kernel's overlay");
		return err_hint(err, "make a container of it, and copy files with: cubby cp");
	}
	AUTO(fd) int root = rootfs_apply(&plan, engine->host, &helper, err);
	if (root < 0 || layers->count > 1)
		return min_of(root, 0);
	/* A bind mount is read-only when it is said again. */
	int r = mount_change(root, false, MOUNT_ATTR_RDONLY, 0, 0);
	return r < 0 ? err_sys(err, r, "cannot make the image read-only") : 0;
}

int mounting_image_add(struct engine *engine, const struct image *image, char **out_path,
		       struct err *err)
{
	AUTO(strv) struct strv layers = { 0 };
	char path[PATH_MAX];

	int r = check_right(engine, err);
	if (r == 0)
		r = rootplan_layers(engine, &image->layers, image->name, &layers, err);
	if (r < 0)
		return r;
	AUTO(mem) char *point = image_point(engine, image);
	if (!point)
		return err_set(err, -EINVAL, "the image has no layers");
	if (!is_mounted(point)) {
		if (mkdir(point, POINT_MODE) < 0 && errno != EEXIST)
			return err_sys(err, -errno, "cannot make '%s'", point);
		r = single_is(layers.items[0])
			    ? single_mount_staying(layers.items[0], point, engine->host, err)
			    : mount_layers(engine, point, &layers, err);
	}
	if (r < 0)
		return r;
	if (!realpath(point, path))
		return err_sys(err, -errno, "cannot find '%s'", point);
	*out_path = str_dup(path);
	return 0;
}

int mounting_image_remove(struct engine *engine, const struct image *image, bool force,
			  struct err *err)
{
	AUTO(mem) char *path = mounting_image_path(engine, image);
	AUTO(mem) char *what = str_fmt("image '%s'", str_or(image->name, image->id));

	int r = unmount(engine, path, what, force, err);
	if (r == 0 && str_ends(path, ".merged"))
		(void)rmdir(path); /* an empty one is made again by the next mount */
	return r;
}
