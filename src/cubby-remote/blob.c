/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blob - a file that grows to a blob, hashed on the way
 */
#include "blob.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "oci/digest.h"

enum { REHASH_BYTES = 1 << 20 };

static void begin_hash(struct blob *blob)
{
	bug_unless(EVP_DigestInit_ex(blob->hash, EVP_sha256(), NULL) == 1);
	blob->have = 0;
}

int blob_new(int file, int more, const char *digest, int64_t size, struct blob **out)
{
	AUTO(blob) struct blob *blob = mem_new(struct blob);
	struct stat st;

	blob->file = file;
	blob->more = more;
	blob->digest = str_dup(digest);
	blob->size = size;
	blob->hash = EVP_MD_CTX_new();
	bug_unless(blob->hash);
	begin_hash(blob);
	if (fstat(file, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	blob->present = st.st_size;
	if (st.st_size > size) {
		if (ftruncate(file, 0) < 0)
			return -errno;
		blob->present = 0;
	}
	if (more >= 0) {
		int r = fd_nonblock(more, true);
		if (r < 0)
			return r;
	}
	*out = take_ptr(blob);
	return 0;
}

/* A full pipe has told the reader already; a reader that is gone needs no word. */
static void tell(struct blob *blob)
{
	if (blob->more >= 0)
		(void)!write(blob->more, "", 1);
}

int blob_rehash(struct blob *blob)
{
	if (blob->have >= blob->present)
		return 0;
	size_t want = (size_t)min_of(blob->present - blob->have, (int64_t)REHASH_BYTES);
	AUTO(mem) char *bytes = mem_alloc(want, 1);
	ssize_t n = pread(blob->file, bytes, want, blob->have);
	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	if (n == 0) /* somebody cut it */
		blob->present = blob->have;
	bug_unless(EVP_DigestUpdate(blob->hash, bytes, (size_t)n) == 1);
	blob->have += n;
	tell(blob);
	return blob->have < blob->present;
}

static int write_at(int file, const char *data, size_t size, int64_t at)
{
	while (size) {
		ssize_t n = pwrite(file, data, size, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
		at += n;
	}
	return 0;
}

int blob_write(struct blob *blob, const void *data, size_t size)
{
	const char *from = data;
	size_t skip = (size_t)min_of(blob->skip, (int64_t)size);

	blob->skip -= (int64_t)skip;
	from += skip;
	size -= skip;
	if (!size)
		return 0;
	if ((int64_t)size > blob->size - blob->have)
		return -EFBIG;
	int r = write_at(blob->file, from, size, blob->have);
	if (r < 0)
		return r;
	bug_unless(EVP_DigestUpdate(blob->hash, from, size) == 1);
	blob->have += (int64_t)size;
	tell(blob);
	return 0;
}

int blob_check(struct blob *blob)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int length = 0;

	bug_unless(EVP_DigestFinal_ex(blob->hash, sum, &length) == 1 && length == DIGEST_BYTES);
	AUTO(mem) char *digest = digest_print(sum);
	if (blob->have == blob->size && str_eq(digest, blob->digest))
		return 0;
	/* It must not be resumed by the next one. */
	(void)!ftruncate(blob->file, 0);
	return blob->present ? -ESTALE : -EBADMSG;
}

int blob_restart(struct blob *blob)
{
	if (ftruncate(blob->file, 0) < 0)
		return -errno;
	begin_hash(blob);
	blob->present = blob->skip = 0;
	return 0;
}

void blob_free(struct blob *blob)
{
	if (!blob)
		return;
	fd_close(blob->file);
	fd_close(blob->more);
	EVP_MD_CTX_free(blob->hash);
	free(blob->digest);
	free(blob);
}
