/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * archive - writing an archive of images, inside cubby-layer
 *
 * A tar tells a file's length before the file. The length of what is inflated is not known: unless
 * the caller knows it (job.h), the blob is inflated twice.
 */
#include "layer/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "kern/at.h"
#include "layer/stream.h"
#include "layer/tarout.h"

struct output {
	const struct layer_archive *req;
	struct tarout *tar;
	struct archive_entry *entry;
};

static void auto_entry(struct archive_entry **entry)
{
	archive_entry_free(*entry);
}

static int write_header(struct output *out, const char *name, mode_t type, int64_t size,
			struct err *err)
{
	archive_entry_clear(out->entry);
	archive_entry_set_pathname(out->entry, name);
	archive_entry_set_filetype(out->entry, type);
	archive_entry_set_perm(out->entry, type == AE_IFDIR ? 0755 : 0644);
	archive_entry_set_size(out->entry, size);
	archive_entry_set_mtime(out->entry, 0, 0);
	return tarout_entry(out->tar, out->entry, err);
}

/* @flags: enum stream_flags */
static int open_stream(int fd, int flags, struct stream **out, struct err *err)
{
	const struct stream_plan plan = { .blob = fd, .more = -1, .flags = flags };

	return stream_new(&plan, out, err);
}

static int find_size(int fd, const struct layer_part *part, int64_t *out, struct err *err)
{
	AUTO(stream) struct stream *stream = NULL;
	AUTO(stream_sums) struct stream_sums sums = { 0 };
	struct stat st;

	if (!part->inflate) {
		if (fstat(fd, &st) < 0)
			return err_sys(err, -errno, "cannot look at '%s'", part->path);
		*out = st.st_size;
		return 0;
	}
	*out = part->size;
	if (part->size)
		return 0;
	int r = open_stream(fd, 0, &stream, err);
	if (r == 0)
		r = stream_finish(stream, &sums, err);
	if (r == 0)
		*out = sums.plain_size;
	return r;
}

static int copy_stream(struct output *out, struct stream *stream, const struct layer_part *part,
		       int64_t size, struct err *err)
{
	AUTO(stream_sums) struct stream_sums sums = { 0 };
	const void *data;
	ssize_t n;

	while ((n = stream_next(stream, &data, err)) > 0) {
		int r = tarout_data(out->tar, data, (size_t)n, err);
		if (r < 0)
			return r;
	}
	int r = n < 0 ? (int)n : stream_finish(stream, &sums, err);
	if (r < 0)
		return r;
	if (sums.plain_size != size || (part->digest && !str_eq(part->digest, sums.plain)))
		return err_set(err, -EBADMSG, "it is not what its name says");
	return 0;
}

static int write_file(struct output *out, const struct layer_part *part, struct err *err)
{
	AUTO(stream) struct stream *stream = NULL;
	int64_t size = 0;

	const char *path = part->path;
	int dir = layer_folder(out->req->dir, &out->req->more, &path);
	AUTO(fd)
	int fd = dir < 0 ? dir
			 : at_open(dir, path, O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (fd < 0)
		return err_sys(err, fd, "cannot open '%s'", part->path);
	int r = find_size(fd, part, &size, err);
	if (r == 0)
		r = write_header(out, part->name, AE_IFREG, size, err);
	if (r == 0)
		r = open_stream(fd, STREAM_HASH | (part->inflate ? 0 : STREAM_PLAIN), &stream, err);
	return r < 0 ? r : copy_stream(out, stream, part, size, err);
}

static int write_part(struct output *out, const struct layer_part *part, struct err *err)
{
	if (str_empty(part->name))
		return err_set(err, -EBADMSG, "a part without a name");
	if (part->path)
		return write_file(out, part, err);
	if (!part->text)
		return write_header(out, part->name, AE_IFDIR, 0, err);
	int r = write_header(out, part->name, AE_IFREG, (int64_t)strlen(part->text), err);
	return r < 0 ? r : tarout_data(out->tar, part->text, strlen(part->text), err);
}

int archive_write_parts(const struct layer_archive *req, struct err *err)
{
	AUTO(tarout) struct tarout *tar = NULL;
	AUTO(entry) struct archive_entry *entry = archive_entry_new();
	struct output out = { .req = req, .entry = entry };
	int64_t size;

	int r = tarout_new(req->out, NULL, &tar, err);
	if (r < 0)
		return r;
	out.tar = tar;
	for (size_t i = 0; i < req->parts.count; i++) {
		r = write_part(&out, &req->parts.items[i], err);
		if (r < 0)
			return err_wrap(err, "cannot write '%s'",
					str_or(req->parts.items[i].name, ""));
	}
	r = tarout_finish(tar, &size, err);
	if (r == 0 && req->flags & LAYER_SYNC && fsync(req->out) < 0 && errno != EINVAL)
		r = err_sys(err, -errno, "cannot write the archive to disk");
	return r;
}
