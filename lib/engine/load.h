/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load - images from an archive: docker's ("docker save") or an OCI layout in a tar
 */
#pragma once

#include "base/str.h"
#include "engine/engine.h"

/**
 * images_load_archive() - take all images of an archive in
 * @engine:	the engine
 * @from:	tar, possibly compressed; file or pipe, read from where it stands to its end
 * @out:	for each image its names, or "sha256:ID" when it has none; added at the end, also on failure:
 *		those that came in before
 * @err:	which image failed, and why
 *
 * Each image is on disk before the next is looked at. A name moves from the image that had it.
 *
 * Return: 0; -EBADMSG when it is no such archive or damaged; otherwise a negative errno.
 */
must_check int images_load_archive(struct engine *engine, int from, struct strv *out,
				   struct err *err);
