/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inflate - the plain bytes of a blob, however it is compressed
 *
 * The kind is told by the first bytes, never by a name or a media type: gzip (several members one
 * after the other), zstd (several frames, skippable ones between them), xz, bzip2, or none.
 * Linked by cubby-layer only.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "layer/digest.h"
#include "layer/source.h"

struct inflate;

/**
 * inflate_new() - look at the first bytes of a blob
 * @source:	borrowed until inflate_free
 * @digest:	takes in the bytes of the blob; or NULL; borrowed likewise
 * @out:	to be released with inflate_free; set on success only
 * @err:	why the blob cannot be read
 *
 * Return: 0; -ECANCELED when the source was stopped; otherwise what the kernel said.
 */
must_check int inflate_new(struct source *source, struct digest *digest, struct inflate **out,
			   struct err *err);

/**
 * inflate_free() - release
 * @inflate:	may be NULL
 */
void inflate_free(struct inflate *inflate);

DEFINE_AUTO_PTR(inflate, struct inflate, inflate_free)

/**
 * inflate_read() - the next plain bytes
 * @inflate:	begun
 * @data:	room; filled completely but at the end
 * @size:	bytes of it
 * @err:	what is damaged
 *
 * The blob has been read to its last byte when this says 0.
 *
 * Return: how many bytes, 0 at the end; -EBADMSG when the blob is damaged, ends early or has
 * something behind its end; -ECANCELED; otherwise what the kernel said.
 */
must_check ssize_t inflate_read(struct inflate *inflate, void *data, size_t size, struct err *err);

/**
 * inflate_kind() - how the blob is compressed
 * @inflate:	begun
 *
 * Return: "gzip", "zstd", "xz", "bzip2" or "none".
 */
const char *inflate_kind(const struct inflate *inflate);
