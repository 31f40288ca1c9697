/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * digest - content names: "sha256:" and 64 lower-case hexadecimal digits
 */
#include "oci/digest.h"

#include <errno.h>

#include "base/str.h"

bool digest_valid(const char *text)
{
	const char *hex = text ? str_starts(text, DIGEST_PREFIX) : NULL;

	return hex && str_hex(hex, DIGEST_HEX);
}

int digest_check(const char *text, const char *what, struct err *err)
{
	if (!text)
		return err_set(err, -EBADMSG, "%s has no digest", what);
	if (str_starts(text, "sha512:") && str_hex(text + sizeof "sha512:" - 1, 128))
		return err_set(err, -EBADMSG, "%s has a digest by SHA-512; only SHA-256 is known",
			       what);
	if (!digest_valid(text))
		return err_set(err, -EBADMSG, "%s has a digest that is none: '%.100s'", what, text);
	return 0;
}

const char *digest_hex(const char *digest)
{
	bug_unless(digest_valid(digest));
	return digest + sizeof DIGEST_PREFIX - 1;
}

char *digest_print(const unsigned char *bytes)
{
	static const char digits[] = "0123456789abcdef";
	char hex[DIGEST_HEX + 1] = { 0 };

	for (int i = 0; i < DIGEST_BYTES; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	return str_fmt(DIGEST_PREFIX "%s", hex);
}
