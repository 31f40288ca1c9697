/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chain - the keys of layers that lean on the ones below
 *
 * A layer is stored under its diff id. One whose tree depends on the layers below it (layer/client.h)
 * is stored under the hash of all diff ids from the lowest to its own instead; so is a lowest one, which
 * would be another above others. The two kinds of keys never meet.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "layer/client.h"

/**
 * chain_key() - the key of a layer that leans
 * @helper:	computes the hash; without a request under way
 * @diff_ids:	of the image, lowest first, "sha256:…"
 * @index:	of the layer
 * @out:	hex, to be freed; set on success only
 * @err:	why the helper failed
 *
 * Return: 0 or a negative errno.
 */
must_check int chain_key(struct layer_helper *helper, const struct strv *diff_ids, size_t index,
			 char **out, struct err *err);
