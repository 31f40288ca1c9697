/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chain - the keys of layers that lean on the ones below
 */
#include "engine/chain.h"

#include "oci/digest.h"

int chain_key(struct layer_helper *helper, const struct strv *diff_ids, size_t index, char **out,
	      struct err *err)
{
	AUTO(layer_digest) struct layer_digest sum = { 0 };
	AUTO(strv) struct strv below = { 0 };

	strv_add(&below, "chain");
	for (size_t i = 0; i <= index; i++)
		strv_add(&below, diff_ids->items[i]);
	AUTO(mem) char *text = str_join(&below, " ");
	int r = layer_digest_of(helper, text, strlen(text), &sum, err);
	if (r < 0)
		return r;
	*out = str_dup(digest_hex(sum.digest));
	return 0;
}
