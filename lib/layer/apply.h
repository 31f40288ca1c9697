/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apply - unpacking one layer, inside cubby-layer
 *
 * Linked by cubby-layer only; others ask for it through layer/client.
 */
#pragma once

#include "base/err.h"
#include "layer/job.h"

/**
 * apply_layer() - unpack a layer
 * @req:	what, and where to
 * @out:	to be released with layer_applied_clear; set on success only
 * @err:	what is wrong with the layer
 *
 * Return: as layer_apply_finish().
 */
must_check int apply_layer(const struct layer_apply *req, struct layer_applied *out,
			   struct err *err);
