/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * download - a file that becomes what an address gives, hashed on the way
 *
 * Neither its size nor its digest is known before, so an attempt that broke off begins anew.
 */
#pragma once

#include <openssl/evp.h>
#include <stdint.h>

#include "base/err.h"

struct http_answer;

struct download {
	int file;
	int64_t most; /* bytes that it may have */
	int64_t have;
	EVP_MD_CTX *hash;
};

/**
 * download_new() - take a file on
 * @file:	handed over
 * @most:	bytes that it may come to
 * @out:	to be released with download_free; set on success only
 *
 * Return: 0; -EINVAL when it is no regular file.
 */
must_check int download_new(int file, int64_t most, struct download **out);

/**
 * download_begin() - an attempt begins: nothing of the one before stays
 * @download:	empty afterwards
 *
 * Return: 0 or a negative errno.
 */
must_check int download_begin(struct download *download);

/**
 * download_write() - write what came
 * @download:	begun
 * @bytes:	of the body
 * @size:	so many
 *
 * Return: 0; -EFBIG; otherwise a negative errno.
 */
must_check int download_write(struct download *download, const void *bytes, size_t size);

/**
 * download_end() - all is there
 * @download:	whole; its file gets the time that the other side tells, or that of the epoch
 * @modified:	Last-Modified, or NULL
 * @out:	the digest, to be freed; set on success only
 *
 * Return: 0 or a negative errno.
 */
must_check int download_end(struct download *download, const char *modified, char **out);

/**
 * download_free() - release
 * @download:	may be NULL
 */
void download_free(struct download *download);

DEFINE_AUTO_PTR(download, struct download, download_free)
