/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_userns - the options of build that say which ids RUN has: --userns, --userns-uid-map and its kin
 */
#pragma once

#include "build/options.h"
#include "cli/opt.h"
#include "engine/engine.h"

/* As typed. */
struct build_userns_args {
	const char *mode; /* NULL: not given, or of all containers */
	bool host;	  /* the namespace of all containers was asked for */
	struct strv uid_maps, gid_maps;
	const char *user, *group; /* whose sub-ids they are */
};

extern const struct opt build_userns_opts[]; /* of struct build_userns_args */

/**
 * build_userns_plan() - the maps that were asked for
 * @engine:	for the user's ids
 * @args:	filled from build_userns_opts; must live as long as @out
 * @out:	.uid_maps, .gid_maps, .run.userns, .run.uid_maps and .run.gid_maps are set, .run_key grows
 * @err:	names the option, or the map and the rule
 *
 * Return: -EINVAL for options that cannot be given together; else as stepids_resolve().
 */
must_check int build_userns_plan(struct engine *engine, const struct build_userns_args *args,
				 struct build_options *out, struct err *err);
