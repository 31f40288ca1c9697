/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * diff - what a container has changed of its image, and an image of what is below it
 */
#include "engine/diff.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/driver.h"
#include "engine/outer.h"
#include "engine/rootplan.h"
#include "engine/roots.h"
#include "rootfs/rootfs.h"
#include "rootfs/single.h"
#include "store/images.h"
#include "store/temp.h"

/* What the child compares. */
struct compare {
	struct engine *engine;
	struct root_hold *hold; /* of a container; or NULL */
	char *dir;		/* the tree */
	struct strv above;	/* in place of .dir: folders to be mounted over each other */
	struct temp *point;	/* where */
	bool upper;		/* .dir is an overlay's upper folder */
	struct strv lower;	/* folders below, topmost first */
	diff_fn fn;
	void *data;
};

static void auto_compare(struct compare *c)
{
	root_release(c->hold);
	free(c->dir);
	strv_clear(&c->above);
	strv_clear(&c->lower);
	if (c->point)
		(void)!temp_remove(c->engine->store, c->point); /* empty; else the next sweep */
	temp_free(c->point);
}

static int tell(void *data, const struct change *change, struct err *err)
{
	const struct compare *c = data;
	AUTO(mem) char *path = str_fmt("/%s", change->path);

	(void)err;
	c->fn(c->data, change->kind, path);
	return 0;
}

/* The mount is this process' own, and hides nothing that it needs. */
static int open_single(const struct compare *c, const char *file, struct err *err)
{
	AUTO(mem) char *point = store_path(c->engine->store, "tmp");
	AUTO(fd) int helper = -1;

	return single_mount(file, point, c->engine->host, &helper, err);
}

static bool has_single(const struct strv *folders)
{
	for (size_t i = 0; i < folders->count; i++)
		if (single_is(folders->items[i]))
			return true;
	return false;
}

static int open_lower(const struct compare *c, struct stack *out, struct err *err)
{
	for (size_t i = 0; i < c->lower.count; i++) {
		if (single_is(c->lower.items[i])) {
			int root = open_single(c, c->lower.items[i], err);
			if (root < 0)
				return root;
			*vec_push(out) = root;
			continue;
		}
		int fd = open(c->lower.items[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return err_sys(err, -errno, "cannot open '%s'", c->lower.items[i]);
		*vec_push(out) = fd;
	}
	return 0;
}

static int walk(struct compare *c, int dir, struct err *err)
{
	AUTO(stack) struct stack lower = { 0 };
	AUTO(strv) struct strv mounted = { 0 };
	const struct changes_plan plan = {
		.dir = dir, .upper = c->upper, .lower = &lower, .mounted = &mounted
	};

	if (c->hold)
		root_made_for_mounts(&mounted);
	int r = open_lower(c, &lower, err);
	if (r == 0)
		r = changes_walk(&plan, tell, c, err);
	if (r == 0)
		c->fn(c->data, 0, NULL);
	return r;
}

static int mount_above(const struct compare *c, struct err *err)
{
	const struct rootfs_plan plan = { .driver = (char *)driver_choose(c->engine, err),
					  .lower = c->above,
					  .target = c->point->path };
	AUTO(fd) int helper = -1;

	if (!plan.driver)
		return err ? err->code : -EIO;
	if (str_eq(plan.driver, "copy"))
		return err_set(err, -ENOTSUP,
			       "two images cannot be compared where nothing can be mounted");
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_sys(err, -errno, "cannot make mounts of our own");
	return rootfs_apply(&plan, c->engine->host, &helper, err);
}

static int compare_child(void *data, struct err *err)
{
	struct compare *c = data;
	AUTO(fd)
	int top = c->dir ? open(c->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : mount_above(c, err);

	if (!c->dir && top < 0)
		return top;
	if (top < 0 && errno == ENOENT) { /* it was never started */
		c->fn(c->data, 0, NULL);
		return 0;
	}
	AUTO(fd) int dir = top < 0 ? -1 : openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_sys(err, -errno, "cannot open '%s'", str_or(c->dir, "the image"));
	return walk(c, dir, err);
}

int container_diff(struct engine *engine, const char *id, diff_fn fn, void *data, struct err *err)
{
	AUTO(compare) struct compare c = { .engine = engine, .fn = fn, .data = data };
	int r = root_hold(engine, id, &c.hold, err);

	if (r < 0)
		return r;
	const struct container_config *config = root_config(c.hold);
	if (config->rootfs)
		return err_set(err, -EINVAL, "container '%s' has no image to be compared with",
			       config->name);
	c.upper = !str_eq(config->driver, "copy");
	c.dir = store_container_path(engine->store, id, "upper");
	r = rootplan_image(engine, config, &c.lower, err);
	int own = has_single(&c.lower) ? CLONE_NEWNS | CLONE_NEWPID : 0;
	return r < 0 ? r : outer_run(engine, own, compare_child, &c, err);
}

/* ---- images -------------------------------------------------------------------------------- */

static int layers_of(struct engine *engine, const char *text, struct strv *out, struct err *err)
{
	AUTO(image) struct image *image = NULL;
	int r = image_find(engine->store, text, &image, err);

	if (r == 0)
		r = image_complete(engine->store, image, err);
	if (r == 0)
		r = rootplan_layers(engine, &image->layers, image->name, out, err);
	if (r < 0 || !has_single(out))
		return r;
	(void)err_set(err, -ENOTSUP, "the image '%s' is one file, and has no layers to be compared",
		      text);
	return err_hint(err,
			"make a container of it: 'cubby diff CONTAINER' tells what that changed");
}

static int compare_images(struct compare *c, const char *other, struct err *err)
{
	int r = layers_of(c->engine, other, &c->lower, err);

	if (r == 0 && c->above.count == 1) { /* nothing to be mounted over another */
		c->dir = str_dup(c->above.items[0]);
		return outer_run(c->engine, 0, compare_child, c, err);
	}
	if (r == 0)
		r = temp_dir(c->engine->store, 0700, &c->point, err);
	return r < 0 ? r : outer_run(c->engine, CLONE_NEWNS | CLONE_NEWPID, compare_child, c, err);
}

int image_diff(struct engine *engine, const char *image, const char *other, diff_fn fn, void *data,
	       struct err *err)
{
	AUTO(compare) struct compare c = { .engine = engine, .fn = fn, .data = data };
	int r = layers_of(engine, image, &c.above, err);

	if (r < 0)
		return r;
	if (!c.above.count)
		return err_set(err, -EINVAL, "image '%s' has no layers", image);
	if (other)
		return compare_images(&c, other, err);
	c.upper = true;
	c.dir = str_dup(c.above.items[0]);
	for (size_t i = 1; i < c.above.count; i++)
		strv_add(&c.lower, c.above.items[i]);
	return outer_run(engine, 0, compare_child, &c, err);
}
