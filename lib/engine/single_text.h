/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * single_text - the key and the trailer of a single file
 */
#pragma once

#include "base/err.h"
#include "engine/single.h"
#include "layer/client.h"
#include "store/store.h"

/**
 * single_text_key() - the key of the layer that holds a whole image
 * @helper:	computes the hash; without a request under way
 * @diff_ids:	of the image, lowest first
 * @out:	hex, to be freed; set on success only
 * @err:	why the helper failed
 *
 * It depends on what is joined alone, and never meets a key of chain_key().
 *
 * Return: 0 or a negative errno.
 */
must_check int single_text_key(struct layer_helper *helper, const struct strv *diff_ids, char **out,
			       struct err *err);

/**
 * single_text_print() - the trailer of a single file
 * @store:	where the config's blob is
 * @source:	the image
 * @out:	to be freed; set on success only
 * @err:	what is damaged
 *
 * Return: 0 or a negative errno.
 */
must_check int single_text_print(const struct store *store, const struct single_source *source,
				 char **out, struct err *err);
