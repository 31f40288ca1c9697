/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * box - the container that a step of a build works in
 */
#include "build/box.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/fd.h"
#include "engine/remove.h"
#include "store/census.h"
#include "store/lock.h"
#include "store/record.h"

#define PREFIX "build-" /* of names; others may have such names, too */

enum { NAME_HEX = 12 };

static char *lock_name(const char *id)
{
	return str_fmt("container:%s", id);
}

/* Of the image what a process needs: no health check, no volume, no port. */
static void strip(struct image_config *to, const struct image_config *from)
{
	to->platform = from->platform;
	strv_extend(&to->config.env, &from->config.env);
	to->config.user = str_dup(from->config.user);
	to->config.workdir = str_dup(from->config.workdir);
}

/* The lock is there before the record is. */
struct making {
	struct engine *engine;
	const struct create_step *step;
	int lock;
};

static int adjust(void *data, struct container_config *config, char **out_secrets, struct err *err)
{
	struct making *m = data;
	AUTO(mem) char *name = lock_name(config->id);
	const int r = lock_take(m->engine->store, LOCK_BUILD, name, LOCK_EXCLUSIVE, &m->lock, err);

	return r < 0 || !m->step ? r : m->step->adjust(m->step->data, config, out_secrets, err);
}

int box_make(struct engine *engine, const struct sofar *sofar, const struct create_args *args,
	     const struct create_step *step, struct container_config **out, int *out_lock,
	     struct err *err)
{
	AUTO(image_config) struct image_config *image = image_config_new();
	AUTO(mem) char *random = record_new_id();
	AUTO(mem) char *name = str_fmt(PREFIX "%.*s", NAME_HEX, random);
	struct making making = { engine, step, -1 };
	const struct create_step adjusted = { .adjust = adjust, .data = &making };
	struct create_args named = *args;

	strip(image, sofar->config);
	named.name = name;
	named.image = "build";
	const struct create_image upon = {
		.id = "",
		.name = str_or(sofar->base, "scratch"),
		.digest = "",
		.config = image,
		.layers = &sofar->layers,
	};
	const int r = create_step(engine, &named, &upon, &adjusted, out, err);
	image->platform = (struct platform){ 0 }; /* it was borrowed */
	if (r < 0)
		fd_close(making.lock);
	else
		*out_lock = making.lock;
	return r;
}

void box_idle(struct create_args *args)
{
	static char *command[] = { (char *)"true" };

	args->command = (struct strv){ .items = command, .count = array_len(command) };
	args->image_volume = "ignore";
	args->workdir = "/";
	args->userns = NULL;
	args->uid_maps = args->gid_maps = (struct strv){ 0 };
}

static void sweep_one(struct engine *engine, const char *id)
{
	AUTO(container_state) struct container_state *state = NULL;
	AUTO(mem) char *name = lock_name(id);
	AUTO(fd) int lock = -1;

	if (record_state_load(engine->store, id, &state, NULL) == 0 && state->build &&
	    lock_take(engine->store, LOCK_BUILD, name, LOCK_EXCLUSIVE | LOCK_TRY, &lock, NULL) == 0)
		container_drop(engine, id);
}

/* By their names: a store may have thousands of other containers. */
void box_sweep(struct engine *engine)
{
	int fd = openat(engine->store->dir, "names", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	AUTO(strv) struct strv names = { 0 };

	if (!dir) {
		fd_close(fd);
		return;
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (str_starts(e->d_name, PREFIX))
			strv_add(&names, e->d_name);
	closedir(dir);
	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem) char *id = record_holder(engine->store, names.items[i]);
		if (id)
			sweep_one(engine, id);
	}
}
