/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify - whether a signature is one of a key
 *
 * ECDSA and RSA (PKCS #1, at least 2048 bits) over SHA-256, and Ed25519 over the bytes themselves: what
 * cosign makes.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"

enum { VERIFY_MAX = 1 << 20 }; /* bytes of what is signed */

/**
 * verify_signature() - check one
 * @keys:	public keys in PEM, one behind the other
 * @signature:	base64
 * @file:	holds what is signed
 * @err:	says why not
 *
 * Return: 0 when one of the keys made it; -EKEYREJECTED when none did; -EBADMSG when there is no key, or no
 * base64; otherwise what the kernel said of the file.
 */
must_check int verify_signature(const char *keys, const char *signature, int file, struct err *err);
