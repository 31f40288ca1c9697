/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filesums - SHA-256 of many files below a directory, inside cubby-layer
 */
#include "layer/filesums.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "kern/at.h"
#include "layer/digest.h"
#include "layer/job.h"
#include "layer/stream.h"
#include "layer/tarhead.h"

enum { BLOCK = 256 << 10 };

struct names {
	char *text;
	size_t size;
};

static void auto_names(struct names *n)
{
	if (n->size)
		(void)munmap(n->text, n->size);
}

/* A private mapping: the names are looked at more than once. */
static int names_map(int fd, struct names *out)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size == 0)
		return 0;
	char *text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (text == MAP_FAILED)
		return -errno;
	*out = (struct names){ text, (size_t)st.st_size };
	return text[st.st_size - 1] ? -EBADMSG : 0;
}

static int hash_open_file(int fd, char *block, unsigned char *out)
{
	AUTO(digest) struct digest *digest = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ESTALE;
	digest = digest_new();
	int64_t left = st.st_size ? st.st_size : LAYER_SIZELESS_MAX;
	while (left > 0) {
		ssize_t n = read(fd, block, (size_t)min_of(left, (int64_t)BLOCK));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		digest_add(digest, block, (size_t)n);
		left -= n;
	}
	digest_sum(digest, out);
	return 0;
}

static int hash_file(int dir, const char *name, char *block, unsigned char *out)
{
	AUTO(fd)
	int fd = at_open(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0,
			 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	return fd < 0 ? fd : hash_open_file(fd, block, out);
}

static int write_sums(int out, const unsigned char *sums, size_t count, struct err *err)
{
	int r = fd_write_all(out, sums, count * LAYER_SUM_BYTES);

	return r < 0 ? err_sys(err, r, "cannot hand over the digests of files") : 0;
}

int filesums_make(int dir, int names, int out, struct err *err)
{
	enum { KEPT = 1024 };
	AUTO(names) struct names list = { 0 };
	AUTO(mem) char *block = mem_alloc(BLOCK, 1);
	AUTO(mem) unsigned char *sums = mem_alloc(KEPT, LAYER_SUM_BYTES);
	size_t n = 0;

	int r = names_map(names, &list);
	if (r < 0)
		return err_sys(err, r, "cannot read the names of files");
	for (const char *name = list.text; name < list.text + list.size; name += strlen(name) + 1) {
		r = hash_file(dir, name, block, sums + n * LAYER_SUM_BYTES);
		if (r == -ESTALE)
			return err_set(err, r, "'%s' is no regular file", name);
		if (r < 0)
			return err_sys(err, r, "cannot read '%s'", name);
		if (++n < KEPT)
			continue;
		r = write_sums(out, sums, n, err);
		if (r < 0)
			return r;
		n = 0;
	}
	return write_sums(out, sums, n, err);
}

/* A tar begins with a header whose check sum is right. */
static bool begins_tar(const unsigned char *block)
{
	struct tarhead head;

	return !tarhead_empty(block) && tarhead_parse(block, &head) == 0;
}

int archive_peek(int file, struct err *err)
{
	const struct stream_plan plan = { .blob = file, .more = -1, .flags = STREAM_RATIO };
	unsigned char first[TAR_BLOCK];
	AUTO(stream) struct stream *stream = NULL;
	size_t got = 0;
	const void *data;

	int r = stream_new(&plan, &stream, err);
	while (r == 0 && got < sizeof first) {
		/* What cannot be inflated only looks compressed. */
		ssize_t n = stream_next(stream, &data, NULL);
		if (n <= 0)
			return n == 0 || n == -EBADMSG || n == -EFBIG
				       ? 0
				       : err_sys(err, (int)n, "cannot read the file");
		size_t part = min_of((size_t)n, sizeof first - got);
		memcpy(first + got, data, part);
		got += part;
	}
	return r < 0 ? r : begins_tar(first);
}
