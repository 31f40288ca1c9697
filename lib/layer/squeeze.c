/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * squeeze - bytes compressed by zstd into memory, and hashed
 */
#include "layer/squeeze.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/mem.h"
#include "layer/digest.h"

enum { LEVEL = 3, FIRST_ROOM = 64 << 10 };

struct squeeze {
	ZSTD_CCtx *zstd;
	unsigned char *data;
	size_t size;
	size_t room;
	int64_t plain;
};

int squeeze_new(struct squeeze **out, struct err *err)
{
	AUTO(squeeze) struct squeeze *s = mem_new(struct squeeze);

	s->zstd = ZSTD_createCCtx();
	if (!s->zstd ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_compressionLevel, LEVEL)))
		return err_set(err, -ENOMEM, "cannot begin to compress");
	*out = take_ptr(s);
	return 0;
}

void squeeze_free(struct squeeze *squeeze)
{
	if (!squeeze)
		return;
	(void)ZSTD_freeCCtx(squeeze->zstd); /* cannot fail for one that is not in use */
	free(squeeze->data);
	free(squeeze);
}

static int step(struct squeeze *s, const void *data, size_t size, bool last, struct err *err)
{
	ZSTD_inBuffer in = { data, size, 0 };
	size_t left;

	do {
		if (s->size == s->room) {
			s->room = s->room ? 2 * s->room : FIRST_ROOM;
			s->data = mem_resize(s->data, s->room, 1);
		}
		ZSTD_outBuffer to = { s->data, s->room, s->size };
		left = ZSTD_compressStream2(s->zstd, &to, &in, last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return err_set(err, -ENOMEM, "zstd: %s", ZSTD_getErrorName(left));
		s->size = to.pos;
	} while (last ? left != 0 : in.pos < in.size);
	return 0;
}

int squeeze_add(struct squeeze *squeeze, const void *data, size_t size, struct err *err)
{
	squeeze->plain += (int64_t)size;
	return step(squeeze, data, size, false, err);
}

size_t squeeze_size(const struct squeeze *squeeze)
{
	return squeeze->size;
}

int64_t squeeze_plain(const struct squeeze *squeeze)
{
	return squeeze->plain;
}

int squeeze_finish(struct squeeze *squeeze, const void **out_data, char **out_digest,
		   struct err *err)
{
	AUTO(digest) struct digest *digest = digest_new();
	int r = step(squeeze, "", 0, true, err);

	if (r < 0)
		return r;
	digest_add(digest, squeeze->data, squeeze->size);
	*out_data = squeeze->data;
	*out_digest = digest_text(digest);
	return 0;
}
