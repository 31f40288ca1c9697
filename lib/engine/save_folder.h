/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save_folder - a plan written into a folder: an OCI layout, or one image as "dir:"
 *
 *   (1) each file appears whole, by a rename; the document that leads to all others (index.json,
 *       manifest.json) comes last, so that a killed writer leaves what was there before;
 *   (2) in a layout, images of other names stay; one of the same name is replaced, its blobs stay;
 *   (3) in a folder of "dir:", blobs that no image needs any more are removed in the end.
 */
#pragma once

#include "base/err.h"
#include "engine/engine.h"
#include "engine/save_plan.h"

/**
 * save_folder() - write a plan of save_plan_layout() or save_plan_dir()
 * @engine:	the engine
 * @plan:	what
 * @path:	made when it is not there; else it must be empty or hold the same kind
 * @err:	which file failed
 *
 * Return: 0; -ENOTEMPTY when it holds something else; -EBADMSG when its index is damaged; otherwise a
 * negative errno.
 */
must_check int save_folder(struct engine *engine, const struct save_plan *plan, const char *path,
			   struct err *err);
