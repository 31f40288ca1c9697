/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clone - a new container that is made as another one was
 */
#include "engine/clone.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "engine/enforce.h"
#include "engine/hooks.h"
#include "engine/idmaps.h"
#include "engine/remove.h"
#include "engine/rootplan.h"
#include "engine/secretuse.h"
#include "store/event.h"
#include "store/images.h"
#include "store/lock.h"
#include "store/record.h"
#include "store/volume.h"

enum { FILE_MAX = 16 << 20, NAMES_TRIED = 1000 };

#define PROFILE_FILE "seccomp.json"

/* A file of the other's record; a copy, or NULL when there is none. */
static int read_own(const struct store *store, const char *id, const char *name, char **out,
		    struct err *err)
{
	AUTO(mem) char *path = store_container_path(store, id, name);
	int r = file_read(AT_FDCWD, path, FILE_MAX, out, NULL);

	return r < 0 && r != -ENOENT ? err_sys(err, r, "cannot read '%s'", path) : 0;
}

static int take_image(struct engine *engine, const char *text, struct container_config *c,
		      struct err *err)
{
	AUTO(image) struct image *image = NULL;
	int r = image_find(engine->store, text, &image, err);

	if (r == 0)
		r = image_complete(engine->store, image, err);
	if (r < 0)
		return r;
	str_set(&c->image_id, image->id);
	str_set(&c->image_name, str_or(image->name, image->id));
	str_set(&c->image_digest, image->digest);
	str_set(&c->platform, image->platform);
	strv_clear(&c->layers);
	strv_extend(&c->layers, &image->layers);
	strv_clear(&c->image_stores);
	rootplan_stores(engine, &c->layers, &c->image_stores);
	return 0;
}

static int make_volumes(struct engine *engine, struct container_config *c, struct strv *made,
			struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->mounts.count; i++) {
		struct mount_config *m = &c->mounts.items[i];
		if (!m->anonymous || !str_eq(m->type, "volume"))
			continue;
		const struct volume volume = { .labels = m->labels, .anonymous = true };
		AUTO(mem) char *name = NULL;
		r = volume_create(engine->store, &volume, &name, err);
		if (r < 0)
			return r;
		strv_add(made, name);
		str_set(&m->source, name);
	}
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

/* Without a name given: NAME-clone, NAME-clone1, … */
static int record_it(struct engine *engine, struct container_config *c, const char *name,
		     const char *const *files, struct err *err)
{
	AUTO(mem) char *base = str_dup(c->name);

	if (name) {
		str_set(&c->name, name);
		return record_create(engine->store, c, files, err);
	}
	for (int i = 0; i < NAMES_TRIED; i++) {
		AUTO(mem) char *number = i ? str_fmt("%d", i) : str_dup("");
		free(c->name);
		c->name = str_fmt("%s-clone%s", base, number);
		int r = record_create(engine->store, c, files, err);
		if (r != -EEXIST)
			return r;
		err_clear(err);
	}
	return err_set(err, -EEXIST, "there are too many clones of '%s'", base);
}

static int make(struct engine *engine, const char *id, struct container_config *c,
		const struct clone_options *options, struct err *err)
{
	AUTO(mem) char *profile = NULL;
	AUTO(mem) char *secrets = NULL;
	AUTO(strv) struct strv made = { 0 };
	AUTO(fd) int ids = -1;
	const char *files[5] = { NULL };
	size_t count = 0;

	int r = read_own(engine->store, id, PROFILE_FILE, &profile, err);
	if (r == 0)
		r = read_own(engine->store, id, SECRETUSE_FILE, &secrets, err);
	if (r == 0)
		r = make_volumes(engine, c, &made, err);
	if (profile) {
		files[count++] = PROFILE_FILE;
		files[count++] = profile;
		free(c->seccomp);
		c->seccomp = store_container_path(engine->store, c->id, PROFILE_FILE);
	}
	if (secrets) {
		files[count++] = SECRETUSE_FILE;
		files[count++] = secrets;
	}
	if (r == 0)
		r = hooks_plan(engine, c, err);
	if (r == 0)
		r = idmaps_claim(engine, c, &ids, err);
	if (r == 0)
		r = record_it(engine, c, options->name, files, err);
	if (r < 0)
		unmake_volumes(engine, &made);
	if (secrets)
		explicit_bzero(secrets, strlen(secrets));
	return r;
}

static int destroy(struct engine *engine, const char *id, bool force, struct err *err)
{
	const struct remove_options options = { .force = force, .timeout = -1 };

	return container_remove(engine, id, &options, err);
}

/* Before anything is made. */
static int check_destroy(struct engine *engine, const char *id, const struct clone_options *options,
			 struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;

	if (options->force && !options->destroy)
		return err_set(err, -EINVAL, "--force is for --destroy");
	if (!options->destroy || options->force)
		return 0;
	int r = record_state_load(engine->store, id, &state, err);
	if (r < 0 || state->status == CONTAINER_CREATED || state->status == CONTAINER_EXITED ||
	    state->status == CONTAINER_DEAD)
		return r;
	(void)err_set(err, -EBUSY, "container '%s' runs and cannot be removed", state->name);
	return err_hint(err, "--force kills it");
}

/* Two containers cannot have one address; names on a network they can. */
static void forget_addresses(struct container_config *c)
{
	for (size_t i = 0; i < c->endpoints.count; i++) {
		struct endpoint *e = &c->endpoints.items[i];
		str_set(&e->ip, NULL);
		str_set(&e->ip6, NULL);
		str_set(&e->mac, NULL);
	}
}

static int take_limits(struct engine *engine, const struct resource_args *args,
		       struct container_config *c, struct err *err)
{
	AUTO(enforcement) struct enforcement e = { 0 };
	int r = resource_args_set(args, &c->resources, err);

	return r < 0 ? r : enforce_plan(engine, c, &e, err);
}

int container_clone(struct engine *engine, const char *id, const struct clone_options *options,
		    char **out_id, struct err *err)
{
	AUTO(container_config) struct container_config *c = NULL;
	AUTO(fd) int lock = -1;

	int r = check_destroy(engine, id, options, err);
	if (r == 0 && options->name)
		r = record_check_name(options->name, err);
	/* Until the record names them, nobody takes the layers away. */
	if (r == 0)
		r = lock_take(engine->store, LOCK_IMAGES, "", LOCK_SHARED, &lock, err);
	if (r == 0)
		r = record_config_load(engine->store, id, &c, err);
	if (r == 0 && options->image)
		r = take_image(engine, options->image, c, err);
	if (r == 0 && options->resources)
		r = take_limits(engine, options->resources, c, err);
	if (r < 0)
		return r;
	free(c->id);
	c->id = record_new_id();
	c->created = clock_now();
	forget_addresses(c);
	str_set(&c->cidfile, NULL);
	str_set(&c->pidfile, NULL);
	r = make(engine, id, c, options, err);
	if (r < 0)
		return r;
	const struct event_about about = event_of_config(c);
	event_write(engine->store, EVENT_CONTAINER, EVENT_CREATE, &about, NULL);
	fd_close(take_fd(lock));
	if (options->destroy)
		r = destroy(engine, id, options->force, err);
	if (r == 0)
		*out_id = str_dup(c->id);
	return r;
}
