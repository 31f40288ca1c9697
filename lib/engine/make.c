/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * make - from a container's configuration to its record
 *
 * Order: image (under the shared lock of the images, so that it cannot go meanwhile), plan, checks
 * that need the host, volumes, record. Volumes that were made here are taken away again when a later
 * step fails.
 */
#include "engine/create.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "engine/cdi.h"
#include "engine/container.h"
#include "engine/createcheck.h"
#include "engine/driver.h"
#include "engine/endpoints.h"
#include "engine/enforce.h"
#include "engine/have.h"
#include "engine/hooks.h"
#include "engine/idmaps.h"
#include "engine/imagemount.h"
#include "engine/mountplan.h"
#include "engine/names.h"
#include "engine/needs.h"
#include "engine/rootplan.h"
#include "engine/secretuse.h"
#include "engine/single.h"
#include "store/event.h"
#include "store/images.h"
#include "store/lock.h"
#include "store/record.h"
#include "store/volume.h"

enum { NAME_TRIES = 200 };

/* So many tries without a number, and with one of two digits at most. */
enum { PLAIN_NAMES = 6, SHORT_NUMBERS = 12 };

/* ---- the image ---- */

struct found_image {
	struct image *image;
	struct image_config *config;
};

static void auto_found_image(struct found_image *f)
{
	image_free(f->image);
	image_config_free(f->config);
}

/* The image is a file of the user's: nothing of it is in the store but its path. */
static int find_single(struct engine *engine, const char *path, struct found_image *out,
		       int *out_lock, struct err *err)
{
	AUTO(single_image) struct single_image single = { 0 };
	int r = single_open(path, &single, err);

	if (r == 0)
		r = lock_take(engine->store, LOCK_IMAGES, "", LOCK_SHARED, out_lock, err);
	if (r < 0)
		return r;
	out->image = mem_new(struct image);
	out->image->id = str_dup(single.id);
	out->image->digest = str_dup(single.digest);
	out->image->name = str_dup(single.path);
	strv_add(&out->image->layers, single.path);
	out->config = take_ptr(single.config);
	/* One that says nothing is taken for this machine's. */
	if (!out->config->platform.architecture)
		platform_host(engine->host->machine, &out->config->platform);
	return 0;
}

static int find_image(struct engine *engine, const struct create_args *args,
		      struct found_image *out, int *out_lock, struct err *err)
{
	const char *single = single_named(args->image);
	if (single)
		return find_single(engine, single, out, out_lock, err);
	int r = have_image(engine, args, &out->image, out_lock, err);

	if (r == 0)
		r = image_config(engine->store, out->image, &out->config, err);
	return r;
}

static void warn_foreign(struct engine *engine, const struct image_config *config)
{
	struct platform host = { 0 };

	platform_host(engine->host->machine, &host);
	if (!platform_rank(&config->platform, &host)) {
		AUTO(mem) char *have = platform_print(&config->platform);
		AUTO(mem) char *want = platform_print(&host);
		engine_warn(engine,
			    "the image is made for %s and this machine is %s: it runs only where "
			    "qemu-user is installed and registered (package qemu-user-static)",
			    have, want);
	}
	platform_clear(&host);
}

/* docker and podman drop them as well, and say so. */
static void drop_ports(struct engine *engine, struct container_config *c)
{
	if (!c->ports.count || str_eq(c->network_mode, "slirp") ||
	    str_eq(c->network_mode, "bridge") || str_eq(c->network_mode, "pasta"))
		return;
	engine_warn(engine, "published ports are dropped: the network is '%s'", c->network_mode);
	strv_clear(&c->ports);
}

/* ---- mounts ---- */

static int have_bind(struct engine *engine, const struct mount_config *m, struct err *err)
{
	int r = createcheck_bind(m, err);

	if (r != -ENOENT || !engine->docker)
		return r;
	err_clear(err);
	r = file_tree_make(m->source, 0755);
	return r < 0 ? err_sys(err, r, "cannot make '%s'", m->source) : 0;
}

/* Makes the volumes that are not there; names of those made are added. */
static int make_volume(struct engine *engine, struct mount_config *m, struct strv *made,
		       struct err *err)
{
	struct volume volume = { .name = m->source,
				 .labels = m->labels,
				 .anonymous = m->anonymous };
	AUTO(mem) char *name = NULL;

	int r = volume_create(engine->store, &volume, &name, err);
	if (r == -EEXIST && !m->anonymous) {
		err_clear(err);
		return 0;
	}
	if (r < 0)
		return r;
	strv_add(made, name);
	str_set(&m->source, name);
	return 0;
}

static int make_mounts(struct engine *engine, struct container_config *c, struct strv *made,
		       struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < c->mounts.count && r == 0; i++)
		if (str_eq(c->mounts.items[i].type, "bind"))
			r = have_bind(engine, &c->mounts.items[i], err);
	for (size_t i = 0; i < c->mounts.count && r == 0; i++)
		if (str_eq(c->mounts.items[i].type, "volume"))
			r = make_volume(engine, &c->mounts.items[i], made, err);
	return r;
}

static void unmake_volumes(struct engine *engine, const struct strv *made)
{
	for (size_t i = 0; i < made->count; i++) {
		struct temps gone = { 0 };
		/* They are empty and nobody's: what cannot be removed is left for prune. */
		(void)!volume_remove(engine->store, engine->census, made->items[i], &gone, NULL);
		(void)!temps_remove(engine->store, &gone); /* the next sweep finds them */
	}
}

static int take_volumes_from(struct engine *engine, const char *text, struct container_config *c,
			     struct err *err)
{
	AUTO(mem) char *name = str_dup(text);
	const char *options = str_cut(name, ':');
	AUTO(mem) char *id = NULL;
	AUTO(container_config) struct container_config *from = NULL;

	int r = container_find(engine, name, &id, err);
	if (r == 0)
		r = record_config_load(engine->store, id, &from, err);
	if (r < 0)
		return err_wrap(err, "--volumes-from");
	return mountplan_inherit(options, &from->mounts, &c->mounts, err);
}

/* ---- the record ---- */

/* What depends on the id. */
static void name_inside(struct engine *engine, struct container_config *c, bool unset_all)
{
	if (!c->hostname && str_eq(c->uts_mode, "host"))
		c->hostname = str_dup(engine->host->hostname);
	else if (!c->hostname && str_eq(c->network_mode, "host"))
		c->hostname = str_dup(engine->host->hostname);
	else if (!c->hostname)
		c->hostname = str_ndup(c->id, CONTAINER_ID_SHORT);
	if (!unset_all && !strv_env_get(&c->env, "HOSTNAME"))
		strv_addf(&c->env, "HOSTNAME=%s", c->hostname);
	if (c->systemd && !strv_env_get(&c->env, "container_uuid"))
		strv_addf(&c->env, "container_uuid=%.32s", c->id);
}

static int record_named(struct engine *engine, struct container_config *c, const char *name,
			const char *const *files, struct err *err)
{
	if (name) {
		str_set(&c->name, name);
		return record_create(engine->store, c, files, err);
	}
	for (int i = 0; i < NAME_TRIES; i++) {
		free(c->name);
		c->name = name_random(i < PLAIN_NAMES ? 0 : i < SHORT_NUMBERS ? 100 : 1000000);
		AUTO(mem) char *holder = record_holder(engine->store, c->name);
		if (holder)
			continue; /* looking is much cheaper than making a record for nothing */
		int r = record_create(engine->store, c, files, err);
		if (r != -EEXIST)
			return r;
		if (err)
			err_clear(err); /* not the user's choice, so not their error */
	}
	return err_set(err, -EEXIST, "no random name is free; give one with --name");
}

static int make_record(struct engine *engine, const struct create_args *args,
		       const struct create_step *step, struct container_config *c, struct err *err)
{
	const char *files[5] = { NULL };
	size_t count = 0;
	AUTO(mem) char *profile = NULL;

	c->id = record_new_id();
	c->created = clock_now();
	name_inside(engine, c, args->unset_env_all);
	if (c->seccomp && !str_eq(c->seccomp, "unconfined")) {
		int r = createcheck_profile(c->seccomp, &profile, err);
		if (r < 0)
			return r;
		free(c->seccomp);
		c->seccomp = store_container_path(engine->store, c->id, "seccomp.json");
		files[count++] = "seccomp.json";
		files[count++] = profile;
	}
	AUTO(mem) char *secrets = NULL;
	int r = step ? step->adjust(step->data, c, &secrets, err)
		     : secretuse_resolve(engine, c, &secrets, err);
	if (r < 0)
		return r;
	if (secrets) {
		files[count++] = SECRETUSE_FILE;
		files[count++] = secrets;
	}
	r = record_named(engine, c, args->name, files, err);
	if (secrets)
		explicit_bzero(secrets, strlen(secrets));
	return r;
}

static int write_cidfile(const char *path, const char *id, struct err *err)
{
	AUTO(fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 && errno == EEXIST)
		return err_set(err, -EEXIST, "the id file '%s' is there already", path);
	if (fd < 0)
		return err_sys(err, -errno, "cannot write the id file '%s'", path);
	int r = fd_write_all(fd, id, strlen(id));
	return r < 0 ? err_sys(err, r, "cannot write the id file '%s'", path) : 0;
}

/* With --replace, or where a killed monitor could not remove it. */
static int free_name(struct engine *engine, const char *name, bool replace, struct err *err)
{
	static const struct remove_options force = { .force = true, .timeout = -1 };
	AUTO(container_state) struct container_state *holder = NULL;
	AUTO(mem) char *id = record_holder(engine->store, name);

	if (!id)
		return 0;
	if (replace)
		return container_remove(engine, id, &force, err);
	if (record_state_load(engine->store, id, &holder, NULL) == 0 &&
	    record_abandoned(engine->store, holder))
		container_drop(engine, id);
	return 0;
}

static int make(struct engine *engine, const struct create_args *args,
		const struct create_step *step, struct container_config *c, struct err *err)
{
	AUTO(strv) struct strv made = { 0 };
	AUTO(fd) int ids = -1;
	int r = 0;

	for (size_t i = 0; i < args->volumes_from.count && r == 0; i++)
		r = take_volumes_from(engine, args->volumes_from.items[i], c, err);
	if (r == 0)
		r = imagemount_resolve(engine, c, err);
	if (r == 0)
		r = make_mounts(engine, c, &made, err);
	if (r == 0)
		r = idmaps_claim(engine, c, &ids, err);
	if (r == 0)
		r = make_record(engine, args, step, c, err);
	if (r < 0) {
		unmake_volumes(engine, &made);
		return r;
	}
	const struct event_about about = event_of_config(c);
	if (!c->build)
		event_write(engine->store, EVENT_CONTAINER, EVENT_CREATE, &about, NULL);
	return 0;
}

/* The record names another container by its id, which no rename changes. */
static int name_shared(struct engine *engine, struct container_config *config, struct err *err)
{
	char **modes[] = { &config->pid_mode, &config->ipc_mode, &config->uts_mode,
			   &config->network_mode };

	for (size_t i = 0; i < array_len(modes); i++) {
		const char *name = *modes[i] ? str_starts(*modes[i], "container:") : NULL;
		AUTO(mem) char *id = NULL;
		if (!name)
			continue;
		int r = record_resolve(engine->store, name, &id, err);
		if (r < 0)
			return r;
		free(*modes[i]);
		*modes[i] = str_fmt("container:%s", id);
	}
	return 0;
}

/* Modes that shift owners are exact through fuse-overlayfs alone, which is taken where it is. */
static int choose_driver(struct engine *engine, struct container_config *config, struct err *err)
{
	const char *driver = driver_choose(engine, err);

	if (!driver)
		return err->code;
	config->driver = str_dup(driver);
	config->mount_program = str_dup(engine->storage.mount_program);
	strv_extend(&config->mount_options, &engine->storage.mountopt);
	if (!idmaps_shifts(config))
		return storage_options_fit(&config->mount_options, driver, err);
	/* What a step writes becomes a layer, in which fuse-overlayfs alone would lose bits and attributes. */
	config->show_owners = config->build &&
			      (str_eq(driver, "fuse-overlayfs") || driver_shifts(engine));
	if (driver_shifts(engine) && !(config->show_owners && str_eq(driver, "overlay")))
		str_set(&config->driver, "fuse-overlayfs");
	return storage_options_fit(&config->mount_options, config->driver, err);
}

/* Here already, so that nothing is made that cannot start. */
static int check_limits(struct engine *engine, const struct container_config *config,
			struct err *err)
{
	AUTO(enforcement) struct enforcement e = { 0 };

	/* These are of the place where it is started, which may be another. */
	if (str_eq(config->cgroups, "split") || str_eq(config->cgroups, "no-conmon"))
		return 0;
	return enforce_plan(engine, config, &e, err);
}

/* Everything but finding the image. */
static int make_of_image(struct engine *engine, const struct create_args *args,
			 const struct create_image *image, const struct create_step *step,
			 struct container_config **out, struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(endpoint_locks) struct endpoint_locks networks = { 0 };

	int r = create_plan(engine->host, args, image, engine->docker, &config, err);
	if (r < 0)
		return r;
	config->build = step;
	config->cgroup_manager = str_dup(engine->cgroup_manager);
	r = check_limits(engine, config, err);
	if (r < 0)
		return r;
	rootplan_stores(engine, &config->layers, &config->image_stores);
	r = cdi_plan(engine, args->gpus, config, err);
	if (r == 0)
		r = hooks_plan(engine, config, err);
	if (r == 0)
		r = createcheck_devices(config, err);
	if (r < 0)
		return r;
	drop_ports(engine, config);
	r = endpoints_resolve(engine, config, &networks, err);
	if (r == 0)
		r = name_shared(engine, config, err);
	if (r == 0)
		r = idmaps_plan(engine, args, config, err);
	if (r == 0)
		r = needs_resolve(engine, config, err);
	if (r == 0)
		r = choose_driver(engine, config, err);
	if (r == 0 && args->name)
		r = free_name(engine, args->name, args->replace, err);
	if (r == 0)
		r = make(engine, args, step, config, err);
	if (r == 0)
		*out = take_ptr(config);
	return r;
}

int create_step(struct engine *engine, const struct create_args *args,
		const struct create_image *image, const struct create_step *step,
		struct container_config **out, struct err *err)
{
	AUTO(fd) int lock = -1;
	int r = endpoints_expect(engine, args, err);

	if (r == 0)
		r = imagemount_have(engine, args, err);
	if (r == 0)
		r = lock_take(engine->store, LOCK_IMAGES, "", LOCK_SHARED, &lock, err);
	return r < 0 ? r : make_of_image(engine, args, image, step, out, err);
}

static int check_files(const struct create_args *args, struct err *err)
{
	if (args->name && record_check_name(args->name, err) < 0)
		return -EINVAL;
	if (args->cidfile && faccessat(AT_FDCWD, args->cidfile, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(err, -EEXIST, "the id file '%s' is there already", args->cidfile);
	return 0;
}

int create_container(struct engine *engine, const struct create_args *args,
		     struct container_config **out, struct err *err)
{
	AUTO(found_image) struct found_image found = { 0 };
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(fd) int lock = -1;
	struct create_image image;

	int r = check_files(args, err);
	if (r == 0)
		r = endpoints_expect(engine, args, err);
	if (r == 0)
		r = imagemount_have(engine, args, err);
	if (r == 0 && args->rootfs)
		r = lock_take(engine->store, LOCK_IMAGES, "", LOCK_SHARED, &lock, err);
	if (r == 0 && !args->rootfs)
		r = find_image(engine, args, &found, &lock, err);
	if (r < 0)
		return r;
	if (!args->rootfs) {
		warn_foreign(engine, found.config);
		image = (struct create_image){ found.image->id,
					       str_or(found.image->name, found.image->id),
					       found.image->digest, found.config,
					       &found.image->layers };
	}
	r = make_of_image(engine, args, args->rootfs ? NULL : &image, NULL, &config, err);
	if (r < 0)
		return r;
	r = args->cidfile ? write_cidfile(args->cidfile, config->id, err) : 0;
	if (r < 0) {
		container_drop(engine, config->id);
		return r;
	}
	*out = take_ptr(config);
	return 0;
}
