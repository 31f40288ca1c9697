/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * content - copying what is in a regular file
 */
#include "kern/content.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

enum { CHUNK = 1 << 30, BLOCK = 128 << 10 };

/* What is small costs less so, and what the kernel cannot copy by itself, as files of procfs. */
static int copy_bytes(int from, int to, int64_t size, char *block)
{
	while (size > 0) {
		ssize_t n = read(from, block, (size_t)min_of(size, (int64_t)BLOCK));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		int r = fd_write_all(to, block, (size_t)n);
		if (r < 0)
			return r;
		size -= n;
	}
	return 0;
}

/* Both descriptors stand where the part begins. */
static int copy_part(int from, int to, int64_t size, char *block)
{
	while (size > 0) {
		size_t want = (size_t)min_of(size, (int64_t)CHUNK);
		ssize_t n = copy_file_range(from, NULL, to, NULL, want, 0);
		if (n < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP))
			n = sendfile(to, from, NULL, want);
		if (n < 0 && errno == EINVAL)
			return copy_bytes(from, to, size, block);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		size -= n;
	}
	return 0;
}

/* Holes stay holes. */
static int copy_sparse(int from, int to, int64_t size, char *block)
{
	for (off_t at = 0; at < size;) {
		off_t data = lseek(from, at, SEEK_DATA);
		if ((data < 0 && errno == ENXIO) || data >= size)
			break;
		off_t hole = data < 0 ? -1 : lseek(from, data, SEEK_HOLE);
		if (hole < 0 || lseek(from, data, SEEK_SET) < 0 || lseek(to, data, SEEK_SET) < 0)
			return -errno;
		hole = min_of(hole, size);
		int r = copy_part(from, to, hole - data, block);
		if (r < 0)
			return r;
		at = hole;
	}
	return ftruncate(to, size) < 0 ? -errno : 0;
}

static bool cloned(int from, int to, struct content_ways *ways)
{
	if (ways->no_clone)
		return false;
	if (ioctl(to, FICLONE, from) == 0)
		return true;
	ways->no_clone = errno == EOPNOTSUPP || errno == EXDEV || errno == ENOTTY;
	return false;
}

int content_copy(int from, int to, int64_t size, bool sparse, struct content_ways *ways)
{
	if (!ways->block)
		ways->block = mem_alloc(BLOCK, 1);
	if (size == 0)
		return copy_bytes(from, to, CONTENT_SIZELESS_MAX, ways->block);
	if (cloned(from, to, ways))
		return 0;
	if (sparse && lseek(from, 0, SEEK_DATA) >= 0 && lseek(from, 0, SEEK_SET) == 0)
		return copy_sparse(from, to, size, ways->block);
	return size <= BLOCK ? copy_bytes(from, to, size, ways->block)
			     : copy_part(from, to, size, ways->block);
}

void content_ways_clear(struct content_ways *ways)
{
	free(ways->block);
	*ways = (struct content_ways){ 0 };
}
