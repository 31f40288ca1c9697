/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pack - packing a directory into a tar, inside cubby-layer
 */
#pragma once

#include "base/err.h"
#include "layer/job.h"

/**
 * pack_dir() - pack a directory
 * @req:	which, where to, and how
 * @out:	digest and size of the tar; to be released with layer_digest_clear; set on success only
 * @err:	names the file that failed
 *
 * Return: as layer_pack().
 */
must_check int pack_dir(const struct layer_pack *req, struct layer_digest *out, struct err *err);
