/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stepids - the ids that the steps of a build have, before anything is built
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "engine/create_args.h"
#include "engine/engine.h"

/**
 * stepids_resolve() - the maps that were asked for, and whether they can be had
 * @engine:	its identity is chosen when there are any
 * @args:	.userns, which is empty, "nomap" or "auto[:...]"; .uid_maps, .gid_maps, .subuid and .subgid; names and
 *		maps are joined
 * @out_uids:	"INSIDE:OUTSIDE:COUNT" for each range of users is added; nothing with "auto", with one id, or where nothing is mapped
 * @out_gids:	likewise of groups
 * @out_key:	what a command can see of it is added, OPTION=VALUE
 * @err:	which map it is, and the rule
 *
 * Return: 0; -EINVAL; -ERANGE for ids that are not the user's; -ENOENT for a name without sub-ids; -ENOSPC for more
 * ids than there are; -E2BIG for more ranges than the kernel takes; -ENOTSUP where owners would have to be shown shifted and nothing can do so.
 */
must_check int stepids_resolve(struct engine *engine, const struct create_args *args,
			       struct strv *out_uids, struct strv *out_gids, struct strv *out_key,
			       struct err *err);
