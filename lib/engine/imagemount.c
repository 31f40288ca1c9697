/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * imagemount - images mounted in a container beside its root: --mount type=image
 */
#include "engine/imagemount.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/have.h"
#include "engine/mountspec.h"
#include "engine/rootplan.h"
#include "rootfs/rootfs.h"
#include "rootfs/single.h"
#include "spec/spec.h"

enum { FOLDER_MODE = 0755 };

static bool is_image(const struct mount_config *mount)
{
	return str_eq(mount->type, "image");
}

static int have_one(struct engine *engine, const struct create_args *args, const char *name,
		    struct err *err)
{
	struct create_args wanted = {
		.image = name,
		.pull = args->pull == CREATE_PULL_NEVER ? CREATE_PULL_NEVER : CREATE_PULL_MISSING,
		.tls_verify = args->tls_verify,
		.authfile = args->authfile,
		.creds = args->creds,
		.cert_dir = args->cert_dir,
	};
	AUTO(image) struct image *image = NULL;
	AUTO(fd) int lock = -1;

	return have_image(engine, &wanted, &image, &lock, err);
}

int imagemount_have(struct engine *engine, const struct create_args *args, struct err *err)
{
	static const struct mountspec_paths anywhere = { "/", "/" };
	AUTO(mount_list) struct mount_list list = { 0 };
	int r = 0;

	for (size_t i = 0; i < args->mounts.count && r == 0; i++)
		r = mountspec_mount(args->mounts.items[i], &anywhere, &list, err);
	for (size_t i = 0; i < list.count && r == 0; i++)
		if (is_image(&list.items[i]))
			r = have_one(engine, args, list.items[i].source, err);
	return r;
}

static int resolve_one(struct engine *engine, struct mount_config *mount, struct err *err)
{
	AUTO(image) struct image *image = NULL;
	int r = image_find(engine->store, mount->source, &image, err);

	if (r < 0)
		return r;
	mount->name = str_dup(str_or(image->name, image->id));
	str_set(&mount->source, image->id);
	strv_extend(&mount->layers, &image->layers);
	rootplan_stores(engine, &mount->layers, &mount->stores);
	return 0;
}

/* One that another container has brought is known already. */
int imagemount_resolve(struct engine *engine, struct container_config *config, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < config->mounts.count && r == 0; i++)
		if (is_image(&config->mounts.items[i]) && !config->mounts.items[i].name)
			r = resolve_one(engine, &config->mounts.items[i], err);
	return r;
}

static char *folder(struct engine *engine, const struct container_config *config, size_t at,
		    const char *suffix)
{
	AUTO(mem) char *name = str_fmt("image-%zu%s", at, suffix);

	return store_container_path(engine->store, config->id, name);
}

/* With the mode and owner of a folder like it, whatever the umask. */
static int make_folder(const char *path, const char *like, struct err *err)
{
	struct stat st = { .st_mode = FOLDER_MODE };
	int r = mkdir(path, FOLDER_MODE) < 0 ? -errno : 0;

	if (r == -EEXIST)
		return 0;
	if (r == 0 && like && stat(like, &st) < 0)
		r = -errno;
	/* One whose owner is nobody here is ours. */
	if (r == 0 && like && lchown(path, st.st_uid, st.st_gid) < 0 && errno != EINVAL)
		r = -errno;
	if (r == 0 && chmod(path, st.st_mode & 07777) < 0)
		r = -errno;
	return r < 0 ? err_sys(err, r, "cannot make '%s'", path) : 0;
}

/* overlayfs wants two folders at least: a single layer is bound as it is. */
static int plan_one(struct engine *engine, const struct container_config *config, size_t at,
		    struct rootfs_plan *plan, struct err *err)
{
	const struct mount_config *mount = &config->mounts.items[at];
	bool write = strv_find(&mount->options, "rw") >= 0;

	plan->target = folder(engine, config, at, "");
	plan->volatile_mode = config->remove;
	int r = engine_read_too(engine, &mount->stores, err);
	if (r == 0)
		r = rootplan_layers(engine, &mount->layers, mount->name, &plan->lower, err);
	if (r == 0)
		r = spec_root_maps(engine->host, engine_identity(engine, err), config,
				   &plan->uid_mapping, &plan->gid_mapping, err);
	if (r < 0)
		return r;
	bool mapped = r > 0;
	bool copy = str_eq(config->driver, "copy") && plan->lower.count > 1;
	if (write || copy) {
		plan->upper = folder(engine, config, at, ".upper");
		plan->work = folder(engine, config, at, ".work");
	}
	/* As the root of a step; but files of the host's that are nobody's here overlayfs cannot open. */
	const bool below = mapped && write && config->show_owners &&
			   mount->layers.items[0][0] != '/';
	if (below)
		plan->view = folder(engine, config, at, ".view");
	bool bind = !write && plan->lower.count == 1 && !mapped;
	plan->driver = str_dup(bind		  ? "bind"
			       : mapped && !below ? "fuse-overlayfs"
						  : str_or(config->driver, "overlay"));
	return make_folder(plan->target, NULL, err);
}

static int mount_one(struct engine *engine, const struct container_config *config, size_t at,
		     struct err *err)
{
	AUTO(rootfs_plan) struct rootfs_plan plan = { 0 };
	AUTO(fd) int helper = -1; /* it ends with the monitor's pid namespace */
	int r = plan_one(engine, config, at, &plan, err);

	bool single = r == 0 && single_is(plan.lower.items[0]);
	/* The root of a single file is seen when it is mounted, and so are owners that are shown. */
	plan.copy_root = (single || plan.view) && plan.upper && access(plan.upper, F_OK) < 0;
	if (r == 0 && plan.view)
		r = make_folder(plan.view, NULL, err);
	if (r == 0 && plan.upper)
		r = make_folder(plan.upper, single ? NULL : plan.lower.items[0], err);
	if (r == 0 && plan.work)
		r = make_folder(plan.work, NULL, err);
	if (r < 0)
		return r;
	AUTO(fd) int root = rootfs_apply(&plan, engine->host, &helper, err);
	return root < 0 ? root : 0;
}

int imagemount_apply(struct engine *engine, const struct container_config *config, struct err *err)
{
	for (size_t i = 0; i < config->mounts.count; i++) {
		if (!is_image(&config->mounts.items[i]))
			continue;
		int r = mount_one(engine, config, i, err);
		if (r < 0)
			return err_wrap(err, "cannot mount the image '%s'",
					config->mounts.items[i].name);
	}
	return 0;
}

void imagemount_release(struct engine *engine, const struct container_config *config)
{
	for (size_t i = 0; i < config->mounts.count; i++) {
		if (!is_image(&config->mounts.items[i]))
			continue;
		AUTO(mem) char *path = folder(engine, config, i, "");
		while (umount2(path, MNT_DETACH) == 0)
			; /* a single file lies below; or nothing is mounted */
	}
}
