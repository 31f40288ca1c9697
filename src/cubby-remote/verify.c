/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify - whether a signature is one of a key
 */
#include "verify.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "oci/base64.h"

enum { RSA_LEAST_BITS = 2048 };

struct bytes {
	char *data;
	size_t size;
};

static void auto_bytes(struct bytes *bytes)
{
	free(bytes->data);
}

static void auto_bio(BIO **bio)
{
	BIO_free(*bio);
}

/* The digest that goes with a kind of key; NULL for the bytes themselves. */
static bool find_digest(const EVP_PKEY *key, const EVP_MD **out)
{
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_EC:
		*out = EVP_sha256();
		return true;
	case EVP_PKEY_RSA:
		*out = EVP_sha256();
		return EVP_PKEY_get_bits(key) >= RSA_LEAST_BITS;
	case EVP_PKEY_ED25519:
		*out = NULL;
		return true;
	default:
		return false;
	}
}

static bool fits(EVP_PKEY *key, const struct bytes *signature, const struct bytes *what)
{
	const EVP_MD *digest = NULL;
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	bug_unless(context);
	bool good = find_digest(key, &digest) &&
		    EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1 &&
		    EVP_DigestVerify(context, (const unsigned char *)signature->data,
				     signature->size, (const unsigned char *)what->data,
				     what->size) == 1;
	EVP_MD_CTX_free(context);
	return good;
}

/* Return: 0, -EKEYREJECTED, or -EBADMSG without a key. */
static int try_keys(const char *keys, const struct bytes *signature, const struct bytes *what)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(keys, -1);
	int r = -EBADMSG;

	bug_unless(bio);
	for (EVP_PKEY *key; r != 0 && (key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL));) {
		r = fits(key, signature, what) ? 0 : -EKEYREJECTED;
		EVP_PKEY_free(key);
	}
	ERR_clear_error();
	return r;
}

int verify_signature(const char *keys, const char *signature, int file, struct err *err)
{
	AUTO(bytes) struct bytes given = { 0 };
	AUTO(bytes) struct bytes what = { 0 };

	if (base64_decode(str_or(signature, ""), &given.data, &given.size) < 0)
		return err_set(err, -EBADMSG, "a signature is no base64");
	if (lseek(file, 0, SEEK_SET) < 0)
		return err_sys(err, -errno, "cannot read what is signed");
	int r = fd_read_all(file, VERIFY_MAX, &what.data, &what.size);
	if (r < 0)
		return err_sys(err, r, "cannot read what is signed");
	r = try_keys(str_or(keys, ""), &given, &what);
	if (r == -EBADMSG)
		return err_set(err, r, "there is no public key");
	return r < 0 ? err_set(err, r, "the signature is of none of the keys") : 0;
}
