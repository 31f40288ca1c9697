/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * driver - which storage driver works on the store's file system
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"

/**
 * driver_check() - whether there is a storage driver of a name
 * @name:	as typed
 * @err:	names those that there are
 *
 * Return: 0 or -EINVAL.
 */
must_check int driver_check(const char *name, struct err *err);

/**
 * driver_choose() - the storage driver in force, probed once per file system and cached
 * @engine:	the engine
 * @err:	why none works
 *
 * Return: "overlay", "fuse-overlayfs" or "copy", which belongs to @engine; NULL on failure.
 */
const char *driver_choose(struct engine *engine, struct err *err);

/**
 * driver_shifts() - whether there is a driver that shows other owners than the layers have: fuse-overlayfs
 * @engine:	the engine
 *
 * Return: whether its program and device are there.
 */
bool driver_shifts(const struct engine *engine);
