/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * imagetree - the files that layers come to, without a container
 */
#include "engine/imagetree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/driver.h"
#include "engine/outer.h"
#include "engine/rootplan.h"
#include "engine/roots.h"
#include "layer/client.h"
#include "store/temp.h"

enum { FILE_MODE = 0600 };

struct job {
	struct engine *engine;
	const struct strv *layers;
	const char *driver;
	const char *point;  /* an empty folder */
	const char *folder; /* where files are written */
	int tar;
	int until; /* or -1 */
};

static int open_helper(const struct job *job, struct layer_helper **out, struct err *err)
{
	AUTO(mem) char *program = host_helper(job->engine->host, "cubby-layer");
	const struct layer_host host = { .program = program, .userns = -1 };

	return layer_helper_open(&host, out, err);
}

/* Return: the root's descriptor. */
static int mount_layers(const struct job *job, int *out_helper, struct err *err)
{
	AUTO(rootfs_plan) struct rootfs_plan plan = { 0 };

	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_sys(err, -errno, "cannot make mounts of our own");
	const int r = rootplan_layers(job->engine, job->layers, NULL, &plan.lower, err);
	if (r < 0)
		return r;
	if (plan.lower.count == 0) {
		const int dir = open(job->point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return dir < 0 ? err_sys(err, -errno, "cannot open '%s'", job->point) : dir;
	}
	rootplan_view(job->point, job->driver, &plan);
	return rootfs_apply(&plan, job->engine->host, out_helper, err);
}

static int pack_child(void *data, struct err *err)
{
	const struct job *job = data;
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	AUTO(fd) int mounted = -1;
	AUTO(fd) int root = mount_layers(job, &mounted, err);
	AUTO(fd) int dir = root < 0 ? -1 : openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return root;
	if (dir < 0)
		return err_sys(err, -errno, "cannot open the files");
	const struct layer_pack req = {
		.dir = dir, .out = job->tar, .kind = LAYER_PACK_TREE, .store = -1
	};
	const int r = open_helper(job, &helper, err);
	return r < 0 ? r : layer_pack(helper, &req, &digest, err);
}

static int unpack_child(void *data, struct err *err)
{
	const struct job *job = data;
	AUTO(layer_helper) struct layer_helper *helper = NULL;
	AUTO(layer_applied) struct layer_applied applied = { 0 };
	AUTO(fd) int dir = open(job->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return err_sys(err, -errno, "cannot open '%s'", job->folder);
	const struct layer_apply req = {
		.blob = job->tar,
		.more = -1,
		.diff = dir,
		.journal = -1,
		.flags = LAYER_PLAIN | LAYER_REPLACE | LAYER_ONE_ID,
		.below = "",
	};
	int r = open_helper(job, &helper, err);
	if (r == 0)
		r = layer_apply_start(helper, &req, err);
	return r < 0 ? r : layer_apply_finish(helper, &applied, err);
}

static int export(struct job *job, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;

	job->driver = driver_choose(job->engine, err);
	if (!job->driver)
		return -EIO;
	int r = temp_dir(job->engine->store, 0755, &temp, err);
	if (r < 0)
		return r;
	job->point = temp->path;
	r = job->until < 0 ? outer_run(job->engine, ROOT_NAMESPACES, pack_child, job, err)
			   : outer_run_until(job->engine, ROOT_NAMESPACES, pack_child, job,
					     job->until, err);
	(void)!temp_remove(job->engine->store, temp); /* else the next sweep */
	return r;
}

int imagetree_export(struct engine *engine, const struct strv *layers, int to, struct err *err)
{
	struct job job = { .engine = engine, .layers = layers, .tar = to, .until = -1 };

	return export(&job, err);
}

int imagetree_unpack(struct engine *engine, const struct strv *layers, const char *folder,
		     int until, struct err *err)
{
	struct job job = { .engine = engine, .layers = layers, .folder = folder, .until = until };
	AUTO(fd)
	int tar = openat(engine->store->dir, "tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, FILE_MODE);

	if (tar < 0)
		return err_sys(err, -errno, "cannot make a temporary file in the store");
	job.tar = tar;
	const int r = export(&job, err);
	if (r == 0 && lseek(tar, 0, SEEK_SET) < 0)
		return err_sys(err, -errno, "cannot read a temporary file");
	return r < 0 ? r : outer_run_until(engine, 0, unpack_child, &job, until, err);
}
