/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mounting - a container's root file system, mounted for its user: `mount` and `unmount`
 *
 * It is mounted on containers/ID/merged in the mount namespace of the caller, who must be root there: a
 * user is that inside `cubby unshare`, and there alone the mount is seen. Of a container that runs it is its
 * own mount, once more; of another the layers are mounted as for a start.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"
#include "store/image.h"

/**
 * mounting_path() - where a container is mounted in this mount namespace
 * @engine:	the engine
 * @id:		full id
 *
 * Return: the folder, to be freed; NULL when it is not mounted.
 */
must_check char *mounting_path(struct engine *engine, const char *id);

/**
 * mounting_add() - mount a container's root file system
 * @engine:	the engine
 * @id:		full id
 * @out_path:	where, to be freed; set on success only
 * @err:	what is missing; for a user outside of `cubby unshare`, that it is to be run there
 *
 * Mounting twice is mounting once.
 *
 * Return: 0; -EPERM for who may not mount; -ENOTSUP where a file system would need a process that stays;
 * otherwise a negative errno.
 */
must_check int mounting_add(struct engine *engine, const char *id, char **out_path,
			    struct err *err);

/**
 * mounting_remove() - unmount it
 * @engine:	the engine
 * @id:		full id
 * @force:	also when files are open in it
 * @err:	that it is not mounted, or in use
 *
 * Return: 0; -EINVAL when it is not mounted; -EBUSY; -EPERM; otherwise a negative errno.
 */
must_check int mounting_remove(struct engine *engine, const char *id, bool force, struct err *err);

/**
 * mounting_image_path() - where an image is mounted in this mount namespace
 * @engine:	the engine
 * @image:	complete (image_complete)
 *
 * Return: the folder, to be freed; NULL when it is not mounted.
 */
must_check char *mounting_image_path(struct engine *engine, const struct image *image);

/**
 * mounting_image_add() - mount an image, read-only
 * @engine:	the engine
 * @image:	complete
 * @out_path:	a folder beside its uppermost layer, to be freed; set on success only
 * @err:	as mounting_add()
 *
 * Return: as mounting_add(); -EINVAL for an image without layers.
 */
must_check int mounting_image_add(struct engine *engine, const struct image *image, char **out_path,
				  struct err *err);

/**
 * mounting_image_remove() - unmount it
 * @engine:	the engine
 * @image:	complete
 * @force:	also when files are open in it
 * @err:	that it is not mounted, or in use
 *
 * Return: as mounting_remove().
 */
must_check int mounting_image_remove(struct engine *engine, const struct image *image, bool force,
				     struct err *err);
