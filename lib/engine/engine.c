/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * engine - the verbs: what a command does, without parsing or printing
 */
#include "engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "engine/config.h"
#include "store/layers.h"

#define BUILD_CACHE "20g"

enum { MAP_MAX = 64 << 10 };

/* Those named on the command line must be there; one of cubby.conf may be on a disk that is away. */
static int add_stores(struct engine *engine, const struct strv *named, struct err *err)
{
	AUTO(config) struct config config = { 0 };
	uint64_t bytes = 0;
	int r = config_load(engine->host, &config, err);

	engine->drop_blobs = r == 0 && !config.keep_blobs;
	(void)!str_size(str_or(config.build_cache, BUILD_CACHE), &bytes); /* it was checked */
	engine->build_cache = (int64_t)bytes;
	for (size_t i = 0; r == 0 && i < config.warnings.count; i++)
		engine_warn(engine, "%s", config.warnings.items[i]);
	for (size_t i = 0; r == 0 && named && i < named->count; i++)
		r = store_add(engine->store, named->items[i], err);
	for (size_t i = 0; r == 0 && i < config.stores.count; i++) {
		AUTO(err) struct err why = { 0 };
		if (store_add(engine->store, config.stores.items[i], &why) < 0)
			engine_warn(engine, "%s", why.text);
	}
	return r;
}

int engine_read_too(struct engine *engine, const struct strv *paths, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < paths->count; i++)
		r = store_add(engine->store, paths->items[i], err);
	return r < 0 ? err_wrap(err, "the image's layers are away") : 0;
}

/* The record keeps them, and is read from anywhere. An empty word is no folder, not the one at hand. */
static void take_folders(const struct strv *typed, struct strv *out)
{
	AUTO(mem) char *cwd = typed && typed->count ? getcwd(NULL, 0) : NULL;

	for (size_t i = 0; typed && i < typed->count; i++) {
		const char *folder = typed->items[i];
		if (*folder == '/' || !*folder || !cwd)
			strv_add(out, folder);
		else
			strv_addf(out, "%s/%s", cwd, folder);
	}
}

void engine_hook_folders(struct engine *engine, const struct strv *typed)
{
	take_folders(typed, &engine->hook_folders);
}

int engine_open(const struct host *host, const struct engine_options *options, struct engine **out,
		struct err *err)
{
	AUTO(engine) struct engine *engine = mem_new(struct engine);
	engine->host = host;
	engine->census = census_new();
	engine->docker = options->docker;
	engine->driver = str_dup(options->driver);
	engine->cgroup_manager = str_dup(options->cgroup_manager);
	take_folders(options->cdi_folders, &engine->cdi_folders);
	engine_hook_folders(engine, options->hook_folders);
	engine->warn = options->warn;
	engine->warn_data = options->warn_data;
	static const struct strv none = { 0 };
	int r = storage_options_parse(options->storage ? options->storage : &none, options->driver,
				      &engine->storage, err);
	if (r == 0)
		r = store_open(host, options->root, &engine->store, err);
	if (r == 0)
		r = add_stores(engine, options->stores, err);
	if (r < 0)
		return r;
	*out = take_ptr(engine);
	return 0;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	census_free(engine->census);
	strv_clear(&engine->listing);
	store_close(engine->store);
	identity_clear(&engine->identity);
	free(engine->driver);
	free(engine->cgroup_manager);
	storage_options_clear(&engine->storage);
	strv_clear(&engine->cdi_folders);
	strv_clear(&engine->hook_folders);
	free(engine->layer_map);
	free(engine);
}

/* Who has no sub-ids knows it, or does without; who has some would wonder. */
static void warn_of_identity(struct engine *engine)
{
	const struct identity_plan *plan = &engine->identity;

	if (plan->why && plan->granted)
		engine_warn(engine, "containers get one id: %s%s%s", plan->why,
			    plan->repair ? "; repair it with: " : "", str_or(plan->repair, ""));
}

static int own_map(const char *path, struct idmap *out, struct err *err)
{
	AUTO(mem) char *text = NULL;
	int r = file_read(AT_FDCWD, path, MAP_MAX, &text, NULL);

	if (r == 0)
		r = idmap_parse(text, out);
	return r < 0 ? err_sys(err, r, "cannot use the ids in '%s'", path) : 0;
}

/* Root alone of what a namespace holds, as whoever made it is known outside. */
static int root_of(struct idmap *own)
{
	uint32_t outside;
	int r = idmap_outside(own, 0, &outside);

	idmap_clear(own);
	return r < 0 ? r : idmap_add(own, 0, outside, 1);
}

/* Inside of `cubby unshare` files are those of the user outside. */
static int note_layer_map(struct engine *engine, struct err *err)
{
	const struct identity_plan *plan = &engine->identity;
	bool one = plan->kind == IDENTITY_ONE_ID && engine->host->uid == 0;
	AUTO(idmap) struct idmap uids = { 0 };
	AUTO(idmap) struct idmap gids = { 0 };

	if ((plan->kind != IDENTITY_ROOT && !one) || engine->host->initial_userns) {
		engine->layer_map = layer_map(&plan->uids, &plan->gids);
		return 0;
	}
	int r = own_map("/proc/self/uid_map", &uids, err);
	if (r == 0)
		r = own_map("/proc/self/gid_map", &gids, err);
	if (r == 0 && one && (root_of(&uids) < 0 || root_of(&gids) < 0))
		r = err_set(err, -EINVAL, "the user namespace has no root");
	if (r == 0)
		engine->layer_map = layer_map(&uids, &gids);
	return r;
}

const struct identity_plan *engine_identity(struct engine *engine, struct err *err)
{
	if (!engine->identity_chosen) {
		if (identity_choose(engine->host, &engine->identity, err) < 0 ||
		    note_layer_map(engine, err) < 0)
			return NULL;
		engine->identity_chosen = true;
		warn_of_identity(engine);
	}
	return &engine->identity;
}

char *engine_layer_map(struct engine *engine, struct err *err)
{
	return engine_identity(engine, err) ? str_dup(engine->layer_map) : NULL;
}

void engine_warn(struct engine *engine, const char *fmt, ...)
{
	va_list args;

	if (!engine->warn)
		return;
	va_start(args, fmt);
	AUTO(mem) char *sentence = str_vfmt(fmt, args);
	va_end(args);
	engine->warn(engine->warn_data, sentence);
}
