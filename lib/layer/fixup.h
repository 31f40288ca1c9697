/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fixup - giving entries that lean on lower layers what those have, inside cubby-layer
 */
#pragma once

#include "base/err.h"
#include "layer/job.h"

/**
 * fixup_layer() - work a layer's journal off
 * @req:	the layer, its journal, the layers below
 * @err:	what is missing below
 *
 * A directory of the journal that is
 *  (1) a directory below takes over its owner, mode, times and attributes;
 *  (2) a link below gives its content to where the link leads, and goes;
 *  (3) nothing below loses its whiteouts, and goes when it is empty then;
 *  (4) a file below stays as it was made: the layer's folder replaces the file.
 * Hard links then get their files, which are copied up from below.
 *
 * Return: as layer_fixup().
 */
must_check int fixup_layer(const struct layer_fixup *req, struct err *err);
