/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * volumes - removing volumes with all their files
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/remove.h"

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
