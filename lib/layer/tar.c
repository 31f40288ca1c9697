/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar - the entries of a tar stream, through libarchive, with its answers turned into ours
 */
#include "layer/tar.h"

#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "layer/limits.h"

struct tar {
	struct archive *archive;
	struct stream *stream;
	struct err err; /* of the stream, while libarchive was reading it */
	int64_t entries;
};

static la_ssize_t feed(struct archive *a, void *data, const void **out)
{
	struct tar *tar = data;

	ssize_t n = stream_next(tar->stream, out, &tar->err);
	if (n < 0)
		archive_set_error(a, (int)-n, "%s", tar->err.text);
	return n < 0 ? -1 : (la_ssize_t)n;
}

/* The stream's own error is the cause of what libarchive says. */
static int failed(struct tar *tar, struct err *err)
{
	if (tar->err.code < 0)
		return err_move(err, &tar->err);
	return err_set(err, -EBADMSG, "the tar is damaged: %s",
		       str_or(archive_error_string(tar->archive), "unknown reason"));
}

int tar_new(struct stream *stream, struct tar **out, struct err *err)
{
	AUTO(tar) struct tar *tar = mem_new(struct tar);

	tar->stream = stream;
	tar->archive = archive_read_new();
	bug_unless(tar->archive);
	if (archive_read_support_format_tar(tar->archive) != ARCHIVE_OK ||
	    archive_read_open(tar->archive, tar, NULL, feed, NULL) != ARCHIVE_OK)
		return failed(tar, err);
	*out = take_ptr(tar);
	return 0;
}

void tar_free(struct tar *tar)
{
	if (!tar)
		return;
	(void)archive_read_free(tar->archive); /* what it says was said by the reads before */
	err_clear(&tar->err);
	free(tar);
}

int tar_next(struct tar *tar, struct archive_entry **out, struct err *err)
{
	int r = archive_read_next_header(tar->archive, out);

	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK)
		return failed(tar, err);
	if (++tar->entries > LAYER_ENTRIES_MAX)
		return err_set(err, -EFBIG, "the tar has more than %d entries", LAYER_ENTRIES_MAX);
	return 1;
}

int tar_part(struct tar *tar, struct tar_part *out, struct err *err)
{
	struct tar_part part = { 0 };
	la_int64_t offset = 0;

	int r = archive_read_data_block(tar->archive, &part.data, &part.size, &offset);
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK)
		return failed(tar, err);
	part.offset = offset;
	*out = part;
	return 1;
}

int64_t tar_entries(const struct tar *tar)
{
	return tar->entries;
}
