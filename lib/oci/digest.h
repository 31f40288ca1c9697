/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * digest - content names: "sha256:" and 64 lower-case hexadecimal digits
 *
 * A digest that a stranger wrote becomes a file name and part of a URL, so it is checked here before
 * any other use. Only SHA-256 is known: no registry serves another for images. Computing digests is
 * the business of the helper programs, which link libcrypto.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/macros.h"

#define DIGEST_PREFIX "sha256:"
enum { DIGEST_HEX = 64, DIGEST_TEXT = 7 + DIGEST_HEX, DIGEST_BYTES = 32 };

/**
 * digest_valid() - whether a text is a digest
 * @text:	may be NULL
 *
 * Return: whether it is "sha256:" and exactly 64 lower-case hexadecimal digits.
 */
bool digest_valid(const char *text);

/**
 * digest_check() - refuse a text that is no digest
 * @text:	may be NULL
 * @what:	whose digest, for the sentence: "the layer"
 * @err:	says what is wrong
 *
 * Return: 0 or -EBADMSG.
 */
must_check int digest_check(const char *text, const char *what, struct err *err);

/**
 * digest_hex() - the hexadecimal part, which names files
 * @digest:	a valid digest
 *
 * Return: the part behind "sha256:", inside @digest.
 */
const char *digest_hex(const char *digest);

/**
 * digest_print() - text of a computed digest
 * @bytes:	DIGEST_BYTES of SHA-256
 *
 * Return: "sha256:…", to be freed; never NULL.
 */
must_check char *digest_print(const unsigned char *bytes);
