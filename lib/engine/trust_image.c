/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trust_image - an image whose signatures are looked at
 */
#include "engine/trust_image.h"

#include <errno.h>

int trust_any_digest(const struct strv *digests, trust_digest_fn fn, void *data, struct err *err)
{
	AUTO(err) struct err none = { 0 };
	bool absent = true;
	int r = -ENOENT;

	for (size_t i = digests->count; r < 0 && r != -EINTR && i > 0; i--) {
		AUTO(err) struct err one = { 0 };
		r = fn(data, digests->items[i - 1], &one);
		/* That one of the two has none says less than why the other's does not fit. */
		if (r < 0 && (absent || r != -ENOENT))
			(void)err_move(&none, &one);
		absent = absent && r == -ENOENT;
	}
	if (r < 0 && absent)
		return err_set(err, -ENOENT, "there is no signature");
	return r < 0 ? err_move(err, &none) : 0;
}
