/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * volumes - making volumes, with their owners, and removing them with all their files
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/remove.h"
#include "store/volume.h"

/**
 * volume_make() - make a volume
 * @engine:	the engine
 * @volume:	as volume_create() takes it; the owner's ids are those of containers without maps of their own
 * @out_name:	as volume_create()
 * @err:	names the volume, or the id that is not there and why
 *
 * Return: as volume_create(); -ERANGE when there is no such id; -EINVAL for the owner of a folder of the host.
 */
must_check int volume_make(struct engine *engine, const struct volume *volume, char **out_name,
			   struct err *err);

/**
 * volume_delete() - remove a volume
 * @engine:	the engine
 * @name:	of it
 * @users:	how the containers that use it are removed first; NULL: it is refused then
 * @err:	in use: names the containers
 *
 * Return: 0; -ENOENT; -EBUSY when a container uses it; otherwise a negative errno.
 */
must_check int volume_delete(struct engine *engine, const char *name,
			     const struct remove_options *users, struct err *err);

/**
 * volume_device() - the folder of the host that a volume's options name
 * @options:	type=none, o=bind, device=FOLDER, as the local driver of both tools takes them
 * @out:	borrowed from @options; NULL when they name none; set on success only
 * @err:	what cannot be done without root, and what does instead
 *
 * Return: 0; -EINVAL; -ENOENT or -ENOTDIR when there is no such folder.
 */
must_check int volume_device(const struct strv *options, const char **out, struct err *err);
