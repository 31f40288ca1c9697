/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * idmaps - a container's own maps of ids: --uidmap, --gidmap, --subuidname, --subgidname, --userns auto
 *
 * All of them end as two maps in the record, nested in the user's own namespace. "auto" takes a range of
 * ids that no other such container has; finding it and making the record happen under LOCK_IDS.
 */
#pragma once

#include "base/err.h"
#include "engine/create_args.h"
#include "engine/engine.h"
#include "store/container.h"

/**
 * idmaps_plan() - the maps that were asked for
 * @engine:	its identity is chosen when there are any
 * @args:	as typed; what goes together is up to the caller where @config is of a build
 * @config:	uid_map and gid_map are set
 * @err:	names the text that is wrong
 *
 * Return: 0; -EINVAL; -ERANGE for ids that are not the user's; -ENOENT for a name without sub-ids.
 */
must_check int idmaps_plan(struct engine *engine, const struct create_args *args,
			   struct container_config *config, struct err *err);

/**
 * idmaps_auto() - whether there could be a range for --userns auto
 * @engine:	its identity is chosen
 * @mode:	"auto[:OPTION=VALUE,...]", as typed
 * @out_uids:	the maps with the lowest range, as idmap_print(); set on success only
 * @out_gids:	likewise
 * @err:	names the part that is wrong, or that there are too few ids
 *
 * Return: 0; -EINVAL; -ERANGE for ids that are not the user's; -ENOSPC where there will never be as many.
 */
must_check int idmaps_auto(struct engine *engine, const char *mode, char **out_uids,
			   char **out_gids, struct err *err);

/**
 * idmaps_claim() - find a range for --userns auto
 * @engine:	the engine
 * @config:	uid_map and gid_map are set for that mode
 * @out_lock:	LOCK_IDS, to be held until the record is there, or -1; set on success only
 * @err:	that there are too few ids
 *
 * Return: 0; -EINVAL; -ENOSPC.
 */
must_check int idmaps_claim(struct engine *engine, struct container_config *config, int *out_lock,
			    struct err *err);

/**
 * idmaps_shifts() - whether the layers' owners would have to be shown as others
 * @config:	of the container
 *
 * Return: whether; not for maps that leave ids what they are.
 */
bool idmaps_shifts(const struct container_config *config);
