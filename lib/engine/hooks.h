/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hooks - what the files in the folders of --hooks-dir have run for a container (oci/hookfile)
 *
 * Each *.json of a folder is one hook; of two folders that have a file of the same name the later one counts. They are
 * run in the order of the lower-case names. A file that cannot be used is an error, whatever it would be for: one that
 * was to check something must not be lost by a typing mistake.
 *
 * The record keeps the folders; what is in them is looked up at each start. Folders that are named for a start count,
 * too.
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "oci/runtime_spec.h"
#include "store/container.h"

enum hooks_limits {
	HOOKS_MAX = 1000, /* files of a folder */
};

/**
 * hooks_plan() - keep the folders in the record of a new container
 * @engine:	with the folders
 * @config:	gets them, beside those of another that it is a clone of
 * @err:	as hooks_resolve()
 *
 * Return: as hooks_resolve().
 */
must_check int hooks_plan(const struct engine *engine, struct container_config *config,
			  struct err *err);

/**
 * hooks_resolve() - the hooks of a container
 * @engine:	with further folders
 * @config:	of the container
 * @out:	zeroed before; released with runtime_hooks_clear() in any case
 * @err:	names the file, and what is wrong with it
 *
 * Return: 0; -ENOENT when a folder or a program is not there; -EBADMSG for a damaged file; -EOPNOTSUPP for a stage
 * that we do not have; otherwise what the kernel said.
 */
must_check int hooks_resolve(const struct engine *engine, const struct container_config *config,
			     struct runtime_hooks *out, struct err *err);

/**
 * hooks_apply() - give a container its hooks
 * @hooks:	resolved; copied
 * @spec:	grows
 */
void hooks_apply(const struct runtime_hooks *hooks, struct runtime_spec *spec);
