/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compress - a blob packed as registries want it, inside cubby-layer
 */
#pragma once

#include "base/err.h"
#include "layer/job.h"

/**
 * compress_blob() - write the plain bytes of a blob compressed
 * @req:	see layer/client.h
 * @out:	as layer_compress_finish()
 * @err:	says what failed
 *
 * The same bytes, packing and level give the same result on the same machine.
 *
 * Return: as layer_compress_finish().
 */
must_check int compress_blob(const struct layer_compress *req, struct layer_digest *out,
			     struct err *err);
