/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * archive - writing an archive of images, inside cubby-layer
 */
#pragma once

#include "base/err.h"
#include "layer/job.h"

/**
 * archive_write_parts() - write an archive
 * @req:	what goes in
 * @err:	names the part that failed
 *
 * Owners and times are zero and the parts come in the given order, so the same request gives the
 * same bytes.
 *
 * Return: as layer_archive().
 */
must_check int archive_write_parts(const struct layer_archive *req, struct err *err);
