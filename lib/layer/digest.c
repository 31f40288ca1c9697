/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * digest - SHA-256 of a stream, as the text that images use
 *
 * libcrypto fails here only when it is out of memory or built without SHA-256.
 */
#include "layer/digest.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/mem.h"

enum { SHA256_BYTES = 32 };

struct digest {
	EVP_MD_CTX *ctx;
};

struct digest *digest_new(void)
{
	struct digest *d = mem_new(struct digest);

	d->ctx = EVP_MD_CTX_new();
	bug_unless(d->ctx && EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) == 1);
	return d;
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	EVP_MD_CTX_free(digest->ctx);
	free(digest);
}

void digest_add(struct digest *digest, const void *data, size_t size)
{
	bug_unless(EVP_DigestUpdate(digest->ctx, data, size) == 1);
}

void digest_sum(struct digest *digest, unsigned char *out)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	bug_unless(EVP_DigestFinal_ex(digest->ctx, sum, &n) == 1 && n == SHA256_BYTES);
	memcpy(out, sum, SHA256_BYTES);
}

char *digest_text(struct digest *digest)
{
	static const char hex[] = "0123456789abcdef";
	static const char prefix[] = "sha256:";
	unsigned char sum[SHA256_BYTES];

	digest_sum(digest, sum);
	char *text = mem_alloc(sizeof prefix + 2 * (size_t)SHA256_BYTES, 1);
	memcpy(text, prefix, sizeof prefix - 1);
	char *at = text + sizeof prefix - 1;
	for (int i = 0; i < SHA256_BYTES; i++) {
		*at++ = hex[sum[i] >> 4];
		*at++ = hex[sum[i] & 15];
	}
	*at = 0;
	return text;
}
