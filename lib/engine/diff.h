/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * diff - what a container has changed of its image, and an image of what is below it
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "layer/changes.h"

/**
 * typedef diff_fn - told of one change
 * @data:	as handed over
 * @kind:	what happened
 * @path:	begins with a slash; NULL at the end
 *
 * Called in a process of its own, which reads files of other ids: it may print; what it changes in memory is
 * lost after the call with NULL.
 */
typedef void (*diff_fn)(void *data, enum change_kind kind, const char *path);

/**
 * container_diff() - tell what a container has changed
 * @engine:	the engine
 * @id:		full id
 * @fn:		told, in the order of layer/changes.h
 * @data:	handed to @fn
 * @err:	what failed
 *
 * Return: 0; -EINVAL for one without an image; otherwise a negative errno.
 */
must_check int container_diff(struct engine *engine, const char *id, diff_fn fn, void *data,
			      struct err *err);

/**
 * image_diff() - tell what an image's uppermost layer changes, or one image of another
 * @engine:	the engine
 * @image:	as typed
 * @other:	as typed: the image that is compared with; NULL for the layers below
 * @fn:		told, in the order of layer/changes.h
 * @data:	handed to @fn
 * @err:	what failed
 *
 * Return: 0; -ENOENT; -ENOTSUP for two images where nothing can be mounted; otherwise a negative errno.
 */
must_check int image_diff(struct engine *engine, const char *image, const char *other, diff_fn fn,
			  void *data, struct err *err);
