/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * roots - a container's root file system, however the container is
 *
 *	caller			root_hold	reaches the monitor, or keeps others from starting it
 *	child of outer_run()	root_open	gives descriptors
 *	caller			root_release
 *
 * While a container runs its root is that of its monitor, with all that is mounted in the container; its
 * processes are not asked and need not be able to run. Otherwise the layers are mounted in the
 * child's own mount namespace, and the container's lock is held: nobody starts it meanwhile.
 */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/engine.h"
#include "oci/runtime_spec.h"
#include "store/container.h"

/* What the child of outer_run() must have of its own for root_open(). */
#define ROOT_NAMESPACES (CLONE_NEWNS | CLONE_NEWPID)

enum root_flags {
	ROOT_MOUNTS = 1 << 0, /* what does not run is shown with its volumes and binds */
	ROOT_STRICT = 1 << 1, /* with ROOT_MOUNTS: a folder of the host that is gone is an error */
};

struct root_hold;

struct root_view {
	int fd;		   /* as the container's processes see it; O_PATH */
	int bare;	   /* without anything mounted in it; O_PATH */
	uint32_t uid, gid; /* whom the container's program runs as, in the container */
	struct runtime_maps uids,
		gids; /* from the container's ids to ours; empty: they are the same */
	bool shifted; /* .bare shows owners as the container sees them, not as images have them */
	int helper;   /* pidfd of the file system's process, or -1 */
};

/**
 * root_hold() - hold a container's root as it is now
 * @engine:	the engine
 * @id:		full id
 * @out:	to be released with root_release; set on success only
 * @err:	that it runs on another host, or what failed
 *
 * Return: 0; -ENOENT; otherwise a negative errno.
 */
must_check int root_hold(struct engine *engine, const char *id, struct root_hold **out,
			 struct err *err);

/**
 * root_config() - the configuration of the container that is held
 * @hold:	held
 *
 * Return: belongs to @hold.
 */
const struct container_config *root_config(const struct root_hold *hold);

/**
 * root_prepare() - make all that a start of a container makes on disk: `init`
 * @engine:	the engine
 * @id:		full id
 * @err:	what is missing for a start
 *
 * Its own folders, the copy of the layers where the driver needs one, and the contents of its volumes. The container
 * stays as it is: nothing of it runs.
 *
 * Return: 0; -EBUSY when it runs; otherwise a negative errno.
 */
must_check int root_prepare(struct engine *engine, const char *id, struct err *err);

/**
 * root_runs() - whether the container runs, or is paused
 * @hold:	held
 *
 * Return: as it was when it was taken hold of.
 */
bool root_runs(const struct root_hold *hold);

/**
 * root_monitor() - the container's monitor
 * @hold:	held
 *
 * Return: its pid, 0 when the container does not run.
 */
int root_monitor(const struct root_hold *hold);

/**
 * root_open() - open the root; to be called in a child of outer_run() with ROOT_NAMESPACES
 * @hold:	held by the parent
 * @flags:	enum root_flags
 * @out:	ends with the process, or by root_close; set on success only
 * @err:	what is missing
 *
 * What is mounted in a container that does not run: its volumes, and folders and files of the host,
 * with their ro; a --read-only root is read-only.
 *
 * Return: 0 or a negative errno.
 */
must_check int root_open(struct root_hold *hold, unsigned int flags, struct root_view *out,
			 struct err *err);

/**
 * root_made_for_mounts() - what the engine makes in every root to mount upon
 * @out:	paths without a leading slash are added; empty and new they are no change of the container's
 */
void root_made_for_mounts(struct strv *out);

/**
 * root_outer_id() - what an id of the container is here
 * @maps:	of the view
 * @id:		in the container
 * @out:	set on success only
 *
 * Return: 0; -ERANGE when the container has no such id.
 */
must_check int root_outer_id(const struct runtime_maps *maps, uint32_t id, uint32_t *out);

/**
 * root_inner_id() - what an id of ours is in the container
 * @maps:	of the view
 * @id:		here
 * @out:	set on success only
 *
 * Return: 0; -ERANGE when the container has no such id.
 */
must_check int root_inner_id(const struct runtime_maps *maps, uint32_t id, uint32_t *out);

/**
 * root_maps_text() - a map as cubby-layer takes it
 * @maps:	of the view
 *
 * Return: lines of "inside outside count", to be freed; NULL when the ids are the same.
 */
must_check char *root_maps_text(const struct runtime_maps *maps);

/**
 * root_close() - close a view
 * @view:	empty afterwards
 */
void root_close(struct root_view *view);

/**
 * root_release() - let go
 * @hold:	may be NULL
 */
void root_release(struct root_hold *hold);

DEFINE_AUTO_PTR(root_hold, struct root_hold, root_release)

static inline void auto_root_view(struct root_view *view)
{
	root_close(view);
}
