/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tarout - writing a tar stream, through libarchive
 */
#include "layer/tarout.h"

#include <errno.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"

enum { BLOCK = 256 << 10 };

struct tarout {
	struct archive *archive;
	struct digest *digest;
	int fd;
	int code; /* why writing failed, negative errno */
	int64_t size;
};

static la_ssize_t take(struct archive *a, void *data, const void *buffer, size_t size)
{
	struct tarout *t = data;

	t->code = t->fd < 0 ? 0 : fd_write_all(t->fd, buffer, size);
	if (t->code < 0) {
		archive_set_error(a, -t->code, "write failed");
		return -1;
	}
	if (t->digest)
		digest_add(t->digest, buffer, size);
	t->size += (int64_t)size;
	return (la_ssize_t)size;
}

static int failed(const struct tarout *t, struct err *err)
{
	if (t->code < 0)
		return err_sys(err, t->code, "cannot write the tar");
	return err_set(err, -EIO, "cannot write the tar: %s",
		       str_or(archive_error_string(t->archive), "unknown reason"));
}

int tarout_new(int fd, struct digest *digest, struct tarout **out, struct err *err)
{
	AUTO(tarout) struct tarout *t = mem_new(struct tarout);

	t->fd = fd;
	t->digest = digest;
	t->archive = archive_write_new();
	bug_unless(t->archive);
	if (archive_write_set_format_pax_restricted(t->archive) != ARCHIVE_OK ||
	    archive_write_set_format_option(t->archive, "pax", "xattrheader", "SCHILY") <
		    ARCHIVE_WARN ||
	    archive_write_set_bytes_per_block(t->archive, BLOCK) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(t->archive, 1) != ARCHIVE_OK ||
	    archive_write_open(t->archive, t, NULL, take, NULL) != ARCHIVE_OK)
		return failed(t, err);
	*out = take_ptr(t);
	return 0;
}

void tarout_free(struct tarout *out)
{
	if (!out)
		return;
	(void)archive_write_free(out->archive); /* what matters was said by tarout_finish */
	free(out);
}

int tarout_entry(struct tarout *out, struct archive_entry *entry, struct err *err)
{
	int r = archive_write_header(out->archive, entry);

	return r == ARCHIVE_OK || (r == ARCHIVE_WARN && out->code == 0) ? 0 : failed(out, err);
}

int tarout_data(struct tarout *out, const void *data, size_t size, struct err *err)
{
	la_ssize_t n = archive_write_data(out->archive, data, size);

	if (n < 0)
		return failed(out, err);
	return (size_t)n == size ? 0 : err_set(err, -EMSGSIZE, "a file has become longer");
}

int tarout_finish(struct tarout *out, int64_t *out_size, struct err *err)
{
	if (archive_write_close(out->archive) != ARCHIVE_OK)
		return failed(out, err);
	*out_size = out->size;
	return 0;
}
