/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blob - a file that grows to a blob, hashed on the way
 *
 *   (1) bytes 0 to .have of the file went through the hash, in order;
 *   (2) nothing is written behind .size.
 */
#pragma once

#include <openssl/evp.h>
#include <stdint.h>

#include "base/err.h"

struct blob {
	int file;
	int more;	 /* pipe to tell a reader of the file, or -1 */
	char *digest;	 /* that it must have */
	int64_t size;	 /* bytes it must have */
	int64_t have;	 /* bytes hashed */
	int64_t present; /* bytes in the file at the start */
	int64_t skip;	 /* bytes of the answer that are in the file already */
	EVP_MD_CTX *hash;
};

/**
 * blob_new() - take a file on
 * @file:	handed over
 * @more:	handed over; or -1
 * @digest:	valid digest
 * @size:	bytes it must have
 * @out:	to be released with blob_free; set on success only
 *
 * A file that is larger than the blob is emptied.
 *
 * Return: 0 or a negative errno; the descriptors are closed then.
 */
must_check int blob_new(int file, int more, const char *digest, int64_t size, struct blob **out);

/**
 * blob_rehash() - hash a part of what the file held at the start
 * @blob:	the blob
 *
 * Return: 1 when there is more to hash, 0 when all is, or a negative errno.
 */
must_check int blob_rehash(struct blob *blob);

/**
 * blob_write() - append
 * @blob:	all that was there is hashed
 * @data:	bytes
 * @size:	how many
 *
 * Return: 0; -EFBIG when the blob would be larger than it must be; otherwise what pwrite(2) said.
 */
must_check int blob_write(struct blob *blob, const void *data, size_t size);

/**
 * blob_check() - compare size and digest at the end
 * @blob:	complete
 *
 * On failure the file is emptied.
 *
 * Return: 0; -EBADMSG; -ESTALE when part of it was there at the start and may be what is wrong.
 */
must_check int blob_check(struct blob *blob);

/**
 * blob_restart() - empty the file and begin again
 * @blob:	nothing was there at the start, or nobody reads along
 *
 * Return: 0 or a negative errno.
 */
must_check int blob_restart(struct blob *blob);

/**
 * blob_free() - release; closes the descriptors
 * @blob:	may be NULL
 */
void blob_free(struct blob *blob);

DEFINE_AUTO_PTR(blob, struct blob, blob_free)
