/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * engine - the verbs: what a command does, without parsing or printing
 *
 * One file a verb. The engine holds what every verb needs: the host's facts, the open store, and
 * the settings. Nothing here prints or exits; what a verb has to say besides its result (progress,
 * warnings) goes through the callbacks of struct engine.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/storageopts.h"
#include "kern/host.h"
#include "kern/userns.h"
#include "store/census.h"
#include "store/store.h"

struct watch;

struct engine {
	const struct host *host; /* borrowed */
	struct store *store;
	struct census *census;	       /* who uses what; refreshed by whoever asks */
	struct strv listing;	       /* of ids, for container_find() */
	struct identity_plan identity; /* chosen when it is first needed: engine_identity() */
	bool identity_chosen;
	char *layer_map;		/* chosen with it: engine_layer_map() */
	char *driver;			/* --storage-driver, or NULL: the probed one */
	struct storage_options storage; /* --storage-opt */
	struct strv cdi_folders;	/* --cdi-spec-dir, absolute */
	struct strv hook_folders;	/* --hooks-dir, absolute */
	char *cgroup_manager;		/* --cgroup-manager, or NULL */
	bool docker;			/* docker's way where it differs from podman's */
	int64_t build_cache;		/* bytes that builds may keep: build_cache in cubby.conf */
	bool drop_blobs; /* keep_blobs = false in cubby.conf: see engine/blobless.h */

	/* Told to the user as they happen, on stderr; may be NULL. */
	void (*warn)(void *data, const char *sentence);
	void *warn_data;
	const struct watch *watch; /* how a pull on the way is shown (watch.h); borrowed, or NULL */
};

struct engine_options {
	const char *root;		 /* --root, or NULL */
	const char *driver;		 /* --storage-driver, or NULL */
	const struct strv *storage;	 /* --storage-opt, as typed; or NULL */
	const struct strv *stores;	 /* --store: only read from; may be NULL */
	const struct strv *cdi_folders;	 /* --cdi-spec-dir, as typed; or NULL */
	const struct strv *hook_folders; /* --hooks-dir, as typed; or NULL */
	const char *cgroup_manager;	 /* --cgroup-manager, or NULL */
	bool docker;
	void (*warn)(void *data, const char *sentence);
	void *warn_data;
};

/**
 * engine_open() - open the store and keep what the verbs need
 * @host:	borrowed for the engine's life
 * @options:	what the command line says; copied
 * @out:	to be released with engine_free; set on success only
 * @err:	what cannot be opened, and what to do
 *
 * Return: 0 or a negative errno.
 */
must_check int engine_open(const struct host *host, const struct engine_options *options,
			   struct engine **out, struct err *err);

/**
 * engine_free() - close it
 * @engine:	may be NULL
 */
void engine_free(struct engine *engine);

/**
 * engine_identity() - the caller's ids, chosen at the first call
 * @engine:	the engine
 * @err:	what cannot be read
 *
 * Return: the plan, which belongs to @engine, or NULL.
 */
const struct identity_plan *engine_identity(struct engine *engine, struct err *err);

/**
 * engine_layer_map() - by which the store knows the owners of layers that are unpacked here
 * @engine:	the engine
 * @err:	what cannot be read
 *
 * Inside `cubby unshare` it is that of the user outside: the files are the same.
 *
 * Return: the text of layer_map(), to be freed, or NULL.
 */
must_check char *engine_layer_map(struct engine *engine, struct err *err);

/**
 * engine_read_too() - read the stores that a container's layers lie in, though nobody named them
 * @engine:	the engine
 * @paths:	of the stores
 * @err:	which is not there
 *
 * Return: 0; as store_add() otherwise.
 */
must_check int engine_read_too(struct engine *engine, const struct strv *paths, struct err *err);

/**
 * engine_hook_folders() - look for hooks in further folders
 * @engine:	the engine
 * @typed:	--hooks-dir, as typed; each outweighs those before it
 */
void engine_hook_folders(struct engine *engine, const struct strv *typed);

/**
 * engine_warn() - tell the user what is not as they may think
 * @engine:	the engine
 * @fmt:	one lower-case sentence
 */
void engine_warn(struct engine *engine, const char *fmt, ...) printf_like(2, 3);

DEFINE_AUTO_PTR(engine, struct engine, engine_free)
