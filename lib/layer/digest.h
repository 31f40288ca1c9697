/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * digest - SHA-256 of a stream, as the text that images use
 *
 * Linked by cubby-layer only.
 */
#pragma once

#include <stddef.h>

#include "base/macros.h"

struct digest; /* opaque */

/**
 * digest_new() - begin
 *
 * Return: to be released with digest_free; never NULL.
 */
must_check struct digest *digest_new(void);

/**
 * digest_free() - release
 * @digest:	may be NULL
 */
void digest_free(struct digest *digest);

DEFINE_AUTO_PTR(digest, struct digest, digest_free)

/**
 * digest_add() - take bytes in
 * @digest:	begun
 * @data:	the bytes
 * @size:	how many
 */
void digest_add(struct digest *digest, const void *data, size_t size);

/**
 * digest_sum() - end, as bytes
 * @digest:	takes nothing in afterwards
 * @out:	gets 32 bytes
 */
void digest_sum(struct digest *digest, unsigned char *out);

/**
 * digest_text() - end
 * @digest:	takes nothing in afterwards
 *
 * Return: "sha256:" and 64 digits, to be freed.
 */
must_check char *digest_text(struct digest *digest);
