/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runids - whose the files are that a RUN is shown, where it has ids of its own
 *
 * Layers are shown with the owners that the maps give them (engine/rootplan.h). What else is mounted for a RUN must
 * be, too: caches lie on disk with the ids that RUN gave their files, and there is one for each map; files of the
 * context are shown by fuse-overlayfs.
 *
 * With --userns auto the box would get its range when it is made, which is after the caches: so a box that is not
 * started holds one meanwhile.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "build/work.h"
#include "kern/idmap.h"

struct runids {
	struct engine *engine;
	bool shifts;			  /* whether ids are others at all */
	struct strv uid_texts, gid_texts; /* INSIDE:OUTSIDE:COUNT */
	struct idmap uids, gids;
	char *box; /* that holds the range; or NULL */
	int lock;
};

/**
 * runids_take() - find out what the maps are
 * @work:	at work
 * @out:	to be released with runids_release; set on success only
 * @err:	that there are too few ids
 *
 * Return: 0 or a negative errno.
 */
must_check int runids_take(struct work *work, struct runids *out, struct err *err);

/**
 * runids_args() - have the box made with these maps
 * @ids:	taken; must live as long as @args
 * @args:	changed
 */
void runids_args(const struct runids *ids, struct create_args *args);

/**
 * runids_name() - what tells files on disk of one map from those of another
 * @ids:	taken
 *
 * Return: to be freed; NULL where files have the ids that they have anywhere.
 */
must_check char *runids_name(const struct runids *ids);

/**
 * runids_owner() - the ids on disk of a user and a group of RUN
 * @ids:	taken
 * @uid:	in RUN
 * @gid:	in RUN
 * @out_uid:	set on success only
 * @out_gid:	likewise
 * @err:	which one the map leaves out
 *
 * Return: 0; -ERANGE.
 */
must_check int runids_owner(const struct runids *ids, uint32_t uid, uint32_t gid, uint32_t *out_uid,
			    uint32_t *out_gid, struct err *err);

/**
 * runids_show() - give files with the image's owners to those that RUN knows as these; in a child of outer_run()
 * @ids:	taken
 * @path:	of a folder
 *
 * Return: 0 or a negative errno.
 */
must_check int runids_show(const struct runids *ids, const char *path);

/**
 * runids_release() - others may have the range
 * @ids:	zeroed afterwards
 */
void runids_release(struct runids *ids);

static inline void auto_runids(struct runids *ids)
{
	runids_release(ids);
}
