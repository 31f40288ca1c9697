/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * imagemount - images mounted in a container beside its root: --mount type=image
 *
 * The record holds the layers' keys, so the image may lose its name and go: its layers stay. Each is
 * mounted on containers/ID/image-N, N being the mount's place in the list, in the monitor's mount
 * namespace, and bound from there. What a container writes to one with "rw" is kept beside it, in
 * image-N.upper, and goes with the container.
 */
#pragma once

#include "base/err.h"
#include "engine/create_args.h"
#include "engine/engine.h"
#include "store/container.h"

/**
 * imagemount_have() - see to it that the images to be mounted are here
 * @engine:	the engine
 * @args:	as typed; missing ones are pulled unless the policy is never
 * @err:	names the image
 *
 * To be called without LOCK_IMAGES.
 *
 * Return: 0; -ENOENT; otherwise as have_image().
 */
must_check int imagemount_have(struct engine *engine, const struct create_args *args,
			       struct err *err);

/**
 * imagemount_resolve() - replace the names of images by ids and layers
 * @engine:	the engine
 * @config:	its mounts are changed
 * @err:	names the image
 *
 * The caller holds LOCK_IMAGES.
 *
 * Return: 0; -ENOENT.
 */
must_check int imagemount_resolve(struct engine *engine, struct container_config *config,
				  struct err *err);

/**
 * imagemount_apply() - mount them
 * @engine:	the engine
 * @config:	of the container
 * @err:	names the image
 *
 * In the monitor, as rootfs_apply().
 *
 * Return: 0 or a negative errno.
 */
must_check int imagemount_apply(struct engine *engine, const struct container_config *config,
				struct err *err);

/**
 * imagemount_release() - unmount them, so that the container's folder can be removed
 * @engine:	the engine
 * @config:	of the container
 */
void imagemount_release(struct engine *engine, const struct container_config *config);
