/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * download - a file that becomes what an address gives, hashed on the way
 */
#include "download.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "oci/digest.h"

int download_new(int file, int64_t most, struct download **out)
{
	AUTO(download) struct download *download = mem_new(struct download);
	struct stat st;

	download->file = file;
	download->most = most;
	download->hash = EVP_MD_CTX_new();
	bug_unless(download->hash);
	if (fstat(file, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*out = take_ptr(download);
	return 0;
}

int download_begin(struct download *download)
{
	bug_unless(EVP_DigestInit_ex(download->hash, EVP_sha256(), NULL) == 1);
	download->have = 0;
	if (ftruncate(download->file, 0) < 0 || lseek(download->file, 0, SEEK_SET) < 0)
		return -errno;
	return 0;
}

int download_write(struct download *download, const void *bytes, size_t size)
{
	if ((int64_t)size > download->most - download->have)
		return -EFBIG;
	const int r = fd_write_all(download->file, bytes, size);
	if (r < 0)
		return r;
	bug_unless(EVP_DigestUpdate(download->hash, bytes, size) == 1);
	download->have += (int64_t)size;
	return 0;
}

int download_end(struct download *download, const char *modified, char **out)
{
	struct timespec times[2] = { 0 };
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int length = 0;
	struct tm tm = { 0 };
	const char *end = modified ? strptime(modified, "%a, %d %b %Y %H:%M:%S GMT", &tm) : NULL;

	if (end && !*end)
		times[0].tv_sec = times[1].tv_sec = timegm(&tm);
	bug_unless(EVP_DigestFinal_ex(download->hash, sum, &length) == 1 && length == DIGEST_BYTES);
	if (futimens(download->file, times) < 0)
		return -errno;
	*out = digest_print(sum);
	return 0;
}

void download_free(struct download *download)
{
	if (!download)
		return;
	fd_close(download->file);
	EVP_MD_CTX_free(download->hash);
	free(download);
}
