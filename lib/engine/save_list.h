/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * save_list - which files a list of images becomes in an archive or a folder
 *
 * Its index and all that this leads to, byte for byte. In an OCI layout, index.json names the index; in a
 * folder of "dir:" the index is manifest.json, and the manifests of its images are HEX.manifest.json.
 */
#pragma once

#include <stdbool.h>

#include "engine/save_parts.h"
#include "oci/transport.h"

/**
 * save_list_plan() - plan a list alone
 * @engine:	the engine
 * @text:	name or id of the list, as typed
 * @to:		what is written, and its names; a layout, its archive or "dir:"
 * @all:	with the images, else the index alone
 * @plan:	empty; grows
 * @err:	which images are not here with all their blobs, and how they can be had
 *
 * Return: 0; -ENOENT when there is no such list, or an image of it is not here; -EINVAL when it is an image;
 * otherwise a negative errno.
 */
must_check int save_list_plan(struct engine *engine, const char *text, const struct transport *to,
			      bool all, struct save_plan *plan, struct err *err);
