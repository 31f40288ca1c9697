/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rootplan - which folders a container's root file system is made of
 *
 * The container's folder holds upper/ (what it wrote), work/ (the file system's own) and merged/ (an
 * empty folder that is mounted upon in the monitor's mount namespace).
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "rootfs/rootfs.h"
#include "store/container.h"

/**
 * rootplan_layers() - the folders of an image's layers
 * @engine:	its identity is chosen
 * @keys:	of the layers, lowest first; or a file's path, or the name of a temporary object (store/temp.h)
 * @image:	its name, for the hint; may be NULL
 * @out:	absolute paths are added, topmost first; none twice
 * @err:	names the layer that is missing
 *
 * Return: 0; -ENOENT when a layer is missing; otherwise a negative errno.
 */
must_check int rootplan_layers(struct engine *engine, const struct strv *keys, const char *image,
			       struct strv *out, struct err *err);

/**
 * rootplan_stores() - in which of the stores that are read too layers lie
 * @engine:	its identity is chosen
 * @keys:	of the layers
 * @out:	paths are added, each once
 *
 * A container notes them, so that it finds its layers whatever stores a later command names.
 */
void rootplan_stores(struct engine *engine, const struct strv *keys, struct strv *out);

/**
 * rootplan_image() - the folders of the layers of a container
 * @engine:	its identity is chosen
 * @config:	of the container; the stores that it notes are read too
 * @out:	as rootplan_layers()
 * @err:	names the layer or the store that is missing
 *
 * Return: as rootplan_layers().
 */
must_check int rootplan_image(struct engine *engine, const struct container_config *config,
			      struct strv *out, struct err *err);

/**
 * rootplan_make() - plan the root file system, making the folders that are missing
 * @engine:	its identity is chosen
 * @config:	of the container
 * @dir:	the container's folder
 * @out:	to be released with rootfs_plan_clear; set on success only
 * @err:	names the layer that is missing, or the folder
 *
 * To be called in the outer user namespace. A new upper/ gets owner and mode of the image's root.
 *
 * Return: 0; -ENOENT when a layer is missing; otherwise a negative errno.
 */
must_check int rootplan_make(struct engine *engine, const struct container_config *config, int dir,
			     struct rootfs_plan *out, struct err *err);

/**
 * rootplan_shown() - which owners the layers' are shown as
 * @engine:	the engine
 * @config:	of a container with .show_owners
 * @out_uids:	from those of the layers, inside, to those that are shown, outside; empty before
 * @out_gids:	likewise
 * @err:	that the maps are not the user's any more
 *
 * Return: 0 or a negative errno.
 */
must_check int rootplan_shown(struct engine *engine, const struct container_config *config,
			      struct idmap *out_uids, struct idmap *out_gids, struct err *err);

/**
 * rootplan_view() - plan how layers are looked at without a container
 * @point:	an empty folder of the caller's own, on the file system of the store; what is made in it stays
 * @driver:	of the engine
 * @plan:	with .lower, one at least; the rest is filled in
 *
 * One layer is bound as it is. Where nothing can be mounted over another, layers are copied into the folder.
 */
void rootplan_view(const char *point, const char *driver, struct rootfs_plan *plan);
