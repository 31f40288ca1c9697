/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * recipe - how a layer's tar is made again of the files that it was unpacked to
 */
#include "layer/recipe.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "kern/at.h"
#include "layer/digest.h"
#include "layer/name.h"
#include "layer/stream.h"
#include "layer/tar.h"

enum { LEVEL = 3, COMPARE = 64 << 10 };

static const char head[] = "cubby recipe 1\n";

struct maker {
	int diff;
	int to;
	ZSTD_CStream *zstd;
	char *room; /* of the compressor's size */
	size_t room_size;
	int file; /* at hand, or -1 */
	char *path;
	bool named;	  /* the recipe has said .path */
	uint64_t offset;  /* of a copy that is not written yet */
	uint64_t pending; /* its bytes */
	char compared[COMPARE];
};

static void auto_maker(struct maker *m)
{
	ZSTD_freeCStream(m->zstd);
	free(m->room);
	free(m->path);
	fd_close(m->file);
}

static int put(struct maker *m, const void *data, size_t size, ZSTD_EndDirective end,
	       struct err *err)
{
	ZSTD_inBuffer in = { .src = data, .size = size };
	size_t left;

	do {
		ZSTD_outBuffer out = { .dst = m->room, .size = m->room_size };
		left = ZSTD_compressStream2(m->zstd, &out, &in, end);
		if (ZSTD_isError(left))
			return err_set(err, -EIO, "cannot compress: %s", ZSTD_getErrorName(left));
		int r = fd_write_all(m->to, m->room, out.pos);
		if (r < 0)
			return err_sys(err, r, "cannot write a recipe");
	} while (in.pos < in.size || (end == ZSTD_e_end && left));
	return 0;
}

static int put_counted(struct maker *m, char kind, const void *data, size_t size, struct err *err)
{
	uint32_t count = htole32((uint32_t)size);
	char front[1 + sizeof count];

	front[0] = kind;
	memcpy(front + 1, &count, sizeof count);
	int r = put(m, front, sizeof front, ZSTD_e_continue, err);
	return r < 0 ? r : put(m, data, size, ZSTD_e_continue, err);
}

static int put_pending(struct maker *m, struct err *err)
{
	uint64_t numbers[2] = { htole64(m->offset), htole64(m->pending) };
	char record[1 + sizeof numbers];

	if (!m->pending)
		return 0;
	int r = m->named ? 0 : put_counted(m, 'f', m->path, strlen(m->path), err);
	if (r < 0)
		return r;
	m->named = true;
	m->pending = 0;
	record[0] = 'c';
	memcpy(record + 1, numbers, sizeof numbers);
	return put(m, record, sizeof record, ZSTD_e_continue, err);
}

/* What the tar has beside the contents of files. */
static int keep_raw(void *data, const void *bytes, size_t size, struct err *err)
{
	struct maker *m = data;
	int r = put_pending(m, err);

	return r < 0 ? r : put_counted(m, 'r', bytes, size, err);
}

static bool same(struct maker *m, const struct tar_part *part)
{
	const char *at = part->data;
	int64_t offset = part->offset;

	for (size_t left = part->size; left;) {
		size_t want = min_of(left, sizeof m->compared);
		ssize_t n = pread(m->file, m->compared, want, offset);
		if (n <= 0 || memcmp(m->compared, at, (size_t)n) != 0)
			return false;
		at += n;
		offset += n;
		left -= (size_t)n;
	}
	return true;
}

static int keep_part(struct maker *m, const struct tar_part *part, struct err *err)
{
	int r = 0;

	if (m->file < 0 || !same(m, part))
		return keep_raw(m, part->data, part->size, err);
	if (m->pending && m->offset + m->pending != (uint64_t)part->offset)
		r = put_pending(m, err);
	if (r < 0)
		return r;
	if (!m->pending)
		m->offset = (uint64_t)part->offset;
	m->pending += part->size;
	return 0;
}

/* A file that is elsewhere, or none, is as good as another content. */
static int open_file(int diff, const char *path)
{
	int fd = at_open(diff, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, RESOLVE_IN_ROOT);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		fd_close(fd);
		return -EINVAL;
	}
	return fd;
}

static int keep_entry(struct maker *m, struct tar *tar, const struct tar_entry *entry,
		      struct err *err)
{
	AUTO(name) struct name name = { 0 };
	struct tar_part part;

	if (entry->type != TAR_FILE || !entry->size)
		return 0;
	int r = name_parse(entry->path, &name, err);
	if (r < 0)
		return r;
	fd_close(take_fd(m->file));
	str_set(&m->path, str_or(name.path, ""));
	m->named = false;
	if (name.kind == NAME_ENTRY)
		m->file = max_of(open_file(m->diff, name.path), -1);
	while ((r = tar_part(tar, &part, err)) > 0) {
		r = keep_part(m, &part, err);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : put_pending(m, err);
}

static int keep_all(struct maker *m, struct tar *tar, struct err *err)
{
	struct tar_entry entry;
	int r;

	tar_watch(tar, keep_raw, m);
	while ((r = tar_next(tar, &entry, err)) > 0) {
		r = keep_entry(m, tar, &entry, err);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : tar_rest(tar, err);
}

static int put_end(struct maker *m, int64_t size, struct err *err)
{
	uint64_t number = htole64((uint64_t)size);
	char record[1 + sizeof number];

	record[0] = 'e';
	memcpy(record + 1, &number, sizeof number);
	int r = put(m, record, sizeof record, ZSTD_e_end, err);
	if (r == 0 && fsync(m->to) < 0)
		r = err_sys(err, -errno, "cannot write a recipe to disk");
	return r;
}

int recipe_make(int blob, int diff, int to, struct layer_digest *out, struct err *err)
{
	const struct stream_plan plan = { .blob = blob, .more = -1, .flags = STREAM_HASH };
	AUTO(maker) struct maker m = { .diff = diff, .to = to, .file = -1 };
	AUTO(stream) struct stream *stream = NULL;
	AUTO(tar) struct tar *tar = NULL;
	AUTO(stream_sums) struct stream_sums sums = { 0 };

	m.zstd = ZSTD_createCStream();
	m.room_size = ZSTD_CStreamOutSize();
	m.room = mem_alloc(m.room_size, 1);
	if (!m.zstd || ZSTD_isError(ZSTD_CCtx_setParameter(m.zstd, ZSTD_c_compressionLevel, LEVEL)))
		return err_set(err, -ENOMEM, "cannot begin to compress");
	int r = put(&m, head, sizeof head - 1, ZSTD_e_continue, err);
	if (r == 0)
		r = stream_new(&plan, &stream, err);
	if (r < 0)
		return r;
	tar = tar_new(stream);
	r = keep_all(&m, tar, err);
	if (r == 0)
		r = stream_finish(stream, &sums, err);
	if (r == 0)
		r = put_end(&m, sums.plain_size, err);
	if (r < 0)
		return r;
	out->digest = take_ptr(sums.plain);
	out->size = sums.plain_size;
	return 0;
}

/* --- following it ------------------------------------------------------------------------ */

struct follower {
	struct stream *stream; /* inflates the recipe */
	const char *at;
	size_t left;
	int diff;
	int to;
	int file;
	struct digest *digest;
	int64_t written;
	char *room;
};

enum { ROOM = 256 << 10, PATH_LONGEST = 64 << 10 };

static void auto_follower(struct follower *f)
{
	stream_free(f->stream);
	digest_free(f->digest);
	fd_close(f->file);
	free(f->room);
}

static int damaged(struct err *err)
{
	return err_set(err, -EBADMSG, "the recipe is damaged");
}

static int get(struct follower *f, void *out, size_t size, struct err *err)
{
	for (char *to = out; size;) {
		if (!f->left) {
			const void *data;
			ssize_t n = stream_next(f->stream, &data, err);
			if (n <= 0)
				return n < 0 ? (int)n : damaged(err);
			f->at = data;
			f->left = (size_t)n;
		}
		size_t n = min_of(size, f->left);
		memcpy(to, f->at, n);
		to += n;
		f->at += n;
		f->left -= n;
		size -= n;
	}
	return 0;
}

static int get_u32(struct follower *f, uint32_t *out, struct err *err)
{
	uint32_t number;
	int r = get(f, &number, sizeof number, err);

	*out = r == 0 ? le32toh(number) : 0;
	return r;
}

static int get_u64(struct follower *f, uint64_t *out, struct err *err)
{
	uint64_t number;
	int r = get(f, &number, sizeof number, err);

	*out = r == 0 ? le64toh(number) : 0;
	return r;
}

static int give(struct follower *f, const void *data, size_t size, struct err *err)
{
	int r = fd_write_all(f->to, data, size);

	if (r < 0)
		return err_sys(err, r, "cannot write the layer");
	digest_add(f->digest, data, size);
	f->written += (int64_t)size;
	return 0;
}

static int follow_raw(struct follower *f, struct err *err)
{
	uint32_t left;
	int r = get_u32(f, &left, err);

	while (r == 0 && left) {
		uint32_t n = min_of(left, (uint32_t)ROOM);
		r = get(f, f->room, n, err);
		if (r == 0)
			r = give(f, f->room, n, err);
		left -= n;
	}
	return r;
}

static int follow_file(struct follower *f, struct err *err)
{
	uint32_t size;
	int r = get_u32(f, &size, err);

	if (r == 0 && size > PATH_LONGEST)
		r = damaged(err);
	if (r < 0)
		return r;
	AUTO(mem) char *path = mem_alloc((size_t)size + 1, 1);
	r = get(f, path, size, err);
	if (r < 0)
		return r;
	fd_close(take_fd(f->file));
	f->file = open_file(f->diff, path);
	if (f->file >= 0)
		return 0;
	AUTO(mem) char *shown = name_show(path);
	r = f->file;
	f->file = -1;
	return err_sys(err, r, "cannot open '%s' of the layer", shown);
}

static int follow_copy(struct follower *f, struct err *err)
{
	uint64_t offset = 0, left = 0;

	int r = get_u64(f, &offset, err);
	if (r == 0)
		r = get_u64(f, &left, err);
	if (r == 0 && (f->file < 0 || offset > INT64_MAX))
		r = damaged(err);
	while (r == 0 && left) {
		ssize_t n = pread(f->file, f->room, (size_t)min_of(left, (uint64_t)ROOM),
				  (off_t)offset);
		if (n <= 0)
			return n < 0 ? err_sys(err, -errno, "cannot read a file of the layer")
				     : err_set(err, -EBADMSG,
					       "a file of the layer is shorter than it was");
		r = give(f, f->room, (size_t)n, err);
		offset += (uint64_t)n;
		left -= (uint64_t)n;
	}
	return r;
}

static int follow_end(struct follower *f, struct err *err)
{
	uint64_t size;
	int r = get_u64(f, &size, err);

	return r == 0 && size != (uint64_t)f->written ? damaged(err) : r;
}

/* Return: 1 when there is more. */
static int follow_one(struct follower *f, struct err *err)
{
	char kind;
	int r = get(f, &kind, 1, err);

	if (r < 0)
		return r;
	switch (kind) {
	case 'r':
		r = follow_raw(f, err);
		break;
	case 'f':
		r = follow_file(f, err);
		break;
	case 'c':
		r = follow_copy(f, err);
		break;
	case 'e':
		return follow_end(f, err);
	default:
		return damaged(err);
	}
	return r < 0 ? r : 1;
}

int recipe_follow(int recipe, int diff, int to, struct layer_digest *out, struct err *err)
{
	const struct stream_plan plan = { .blob = recipe, .more = -1 };
	AUTO(follower)
	struct follower f = {
		.diff = diff, .to = to, .file = -1, .digest = digest_new(), .room = NULL
	};
	char front[sizeof head];

	f.room = mem_alloc(ROOM, 1);
	int r = stream_new(&plan, &f.stream, err);
	if (r == 0)
		r = get(&f, front, sizeof head - 1, err);
	if (r == 0 && memcmp(front, head, sizeof head - 1) != 0)
		r = damaged(err);
	if (r < 0)
		return r;
	while ((r = follow_one(&f, err)) > 0)
		;
	if (r < 0)
		return r;
	*out = (struct layer_digest){ .digest = digest_text(f.digest), .size = f.written };
	return 0;
}
