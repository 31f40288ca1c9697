/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save_plan - which images go into an archive or a folder, as which files
 *
 * Images are added first, then one of the forms is planned; what writes it is save.c and save_folder.c. The
 * same images give the same plan: parts are sorted.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/save_parts.h"

/**
 * save_plan_add() - add an image
 * @engine:	the engine
 * @text:	name or id, as typed
 * @platform:	it must be for, as typed, or NULL
 * @names:	that it shall have; NULL: the one that was typed, none for an id
 * @out:	grows; an image that is there already gets more names
 * @err:	which image, and what is missing
 *
 * Return: 0; -ENOENT when there is no such image; otherwise a negative errno.
 */
must_check int save_plan_add(struct engine *engine, const char *text, const char *platform,
			     const struct strv *names, struct save_plan *out, struct err *err);

/**
 * save_plan_docker() - plan docker's archive: configs, inflated layers, manifest.json
 * @engine:	the engine
 * @plan:	with images
 * @err:	what is missing
 *
 * Return: 0 or a negative errno.
 */
must_check int save_plan_docker(struct engine *engine, struct save_plan *plan, struct err *err);

/**
 * save_plan_layout() - plan an OCI layout: everything as it was pulled
 * @engine:	the engine
 * @plan:	with images
 * @err:	what is missing
 *
 * Return: 0 or a negative errno.
 */
must_check int save_plan_layout(struct engine *engine, struct save_plan *plan, struct err *err);

/**
 * save_plan_dir() - plan a folder as skopeo's "dir:": manifest.json and blobs
 * @engine:	the engine
 * @plan:	with one image
 * @docker:	the manifest is changed to docker's form
 * @err:	what is missing
 *
 * Return: 0; -EINVAL for several images; otherwise a negative errno.
 */
must_check int save_plan_dir(struct engine *engine, struct save_plan *plan, bool docker,
			     struct err *err);

/**
 * save_plan_done() - tell that the images were saved
 * @engine:	the engine
 * @plan:	as written
 */
void save_plan_done(struct engine *engine, const struct save_plan *plan);
