/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * squeeze - bytes compressed by zstd into memory, and hashed
 *
 * For what is written behind a blob but made along with it. Linked by cubby-layer only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct squeeze;

/**
 * squeeze_new() - begin
 * @out:	to be released with squeeze_free; set on success only
 * @err:	what the library refused
 *
 * Return: 0 or -ENOMEM.
 */
must_check int squeeze_new(struct squeeze **out, struct err *err);

/**
 * squeeze_free() - release
 * @squeeze:	may be NULL
 */
void squeeze_free(struct squeeze *squeeze);

DEFINE_AUTO_PTR(squeeze, struct squeeze, squeeze_free)

/**
 * squeeze_add() - compress some bytes
 * @squeeze:	begun
 * @data:	the bytes
 * @size:	how many
 * @err:	what the library says
 *
 * Return: 0 or -ENOMEM.
 */
must_check int squeeze_add(struct squeeze *squeeze, const void *data, size_t size, struct err *err);

/**
 * squeeze_size() - how much memory the compressed bytes take so far
 * @squeeze:	begun
 *
 * Return: bytes.
 */
size_t squeeze_size(const struct squeeze *squeeze);

/**
 * squeeze_plain() - how many bytes went in
 * @squeeze:	begun
 *
 * Return: that number.
 */
int64_t squeeze_plain(const struct squeeze *squeeze);

/**
 * squeeze_finish() - end the frame
 * @squeeze:	takes nothing in afterwards; squeeze_size() and squeeze_plain() stay
 * @out_data:	the compressed bytes, which belong to @squeeze; set on success only
 * @out_digest:	of them, to be freed; set on success only
 * @err:	what the library says
 *
 * Return: 0 or -ENOMEM.
 */
must_check int squeeze_finish(struct squeeze *squeeze, const void **out_data, char **out_digest,
			      struct err *err);
