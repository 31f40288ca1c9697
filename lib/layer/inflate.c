/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inflate - the plain bytes of a blob, however it is compressed
 *
 * Each kind is one row of a table: its magic, and functions to begin, to go on and to end. A kind's
 * step function eats from the input buffer and fills the caller's room; the loop around it refills
 * the input. xz and bzip2, which occur around whole archives only, are left to libarchive.
 */
#include "config.h"

#include "layer/inflate.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>
#else
#include <zlib.h>
#endif
#include <zstd.h>

#include "base/mem.h"
#include "layer/limits.h"

enum { INPUT = 256 << 10, MAGIC_MAX = 6 };

struct kind {
	const char *name;
	const char *magic;
	size_t magic_size;
	int (*begin)(struct inflate *in, struct err *err);
	ssize_t (*read)(struct inflate *in, void *data, size_t size, struct err *err);
	void (*end)(struct inflate *in);
};

struct inflate {
	const struct kind *kind;
	struct source *source;
	struct digest *digest;
	unsigned char *input;
	size_t at; /* first byte of the input not eaten yet */
	size_t filled;
	bool ended;	/* the source has */
	bool in_member; /* gzip, zstd: the member or frame is not over */
#ifdef HAVE_ISAL
	struct inflate_state *gzip;
	struct isal_gzip_header header;
	bool in_header; /* of a member, which may come in pieces */
#else
	z_stream gzip;
#endif
	ZSTD_DStream *zstd;
	struct archive *archive;
};

/* Fills the input when it is empty. */
static int refill(struct inflate *in, struct err *err)
{
	if (in->at < in->filled || in->ended)
		return 0;
	ssize_t n = source_read(in->source, in->input, INPUT);
	if (n < 0)
		return err_sys(err, (int)n, "cannot read the blob");
	in->ended = n == 0;
	in->at = 0;
	in->filled = (size_t)n;
	if (in->digest)
		digest_add(in->digest, in->input, in->filled);
	return 0;
}

static bool empty(const struct inflate *in)
{
	return in->at == in->filled;
}

static int damaged(const struct inflate *in, const char *why, struct err *err)
{
	return err_set(err, -EBADMSG, "the %s stream is damaged: %s", in->kind->name, why);
}

/* --- gzip ------------------------------------------------------------------- */

/* A member begins behind the last one; anything else there is no part of a gzip file. */
static int next_member(struct inflate *in, struct err *err)
{
	if (in->input[in->at] != 0x1f)
		return damaged(in, "something else follows its end", err);
	in->in_member = true;
	return 0;
}

#ifdef HAVE_ISAL
/* What isal_inflate() reads of a header by itself is lost when the input ends in the middle. */
static void expect_header(struct inflate *in)
{
	in->gzip->crc_flag = ISAL_GZIP_NO_HDR_VER;
	isal_gzip_header_init(&in->header);
	in->in_header = true;
}

static int gzip_begin(struct inflate *in, struct err *err)
{
	(void)err;
	in->gzip = mem_new(struct inflate_state);
	isal_inflate_init(in->gzip);
	expect_header(in);
	in->in_member = true;
	return 0;
}

static void gzip_end(struct inflate *in)
{
	free(in->gzip);
}

static const char *gzip_why(int r)
{
	if (r == ISAL_INCORRECT_CHECKSUM)
		return "wrong check sum";
	if (r == ISAL_INVALID_WRAPPER || r == ISAL_UNSUPPORTED_METHOD)
		return "invalid header";
	return "invalid data";
}

static int gzip_step(struct inflate *in, unsigned char **data, size_t *size, struct err *err)
{
	struct inflate_state *z = in->gzip;

	z->next_in = in->input + in->at;
	z->avail_in = (uint32_t)(in->filled - in->at);
	z->next_out = *data;
	z->avail_out = (uint32_t)*size;
	int r = in->in_header ? isal_read_gzip_header(z, &in->header) : isal_inflate(z);
	if (r != ISAL_DECOMP_OK && !(in->in_header && r == ISAL_END_INPUT))
		return damaged(in, gzip_why(r), err);
	in->in_header = in->in_header && r == ISAL_END_INPUT;
	in->at = in->filled - z->avail_in;
	*data = z->next_out;
	*size = z->avail_out;
	if (z->block_state == ISAL_BLOCK_FINISH) {
		in->in_member = false;
		isal_inflate_reset(z);
		expect_header(in);
	}
	return 0;
}
#else
static int gzip_begin(struct inflate *in, struct err *err)
{
	if (inflateInit2(&in->gzip, 15 + 16) != Z_OK) /* 32 KiB window, gzip header */
		return err_set(err, -ENOMEM, "cannot begin to inflate");
	in->in_member = true;
	return 0;
}

static void gzip_end(struct inflate *in)
{
	(void)inflateEnd(&in->gzip); /* nothing can be done about a stream that was damaged */
}

static int gzip_step(struct inflate *in, unsigned char **data, size_t *size, struct err *err)
{
	z_stream *z = &in->gzip;

	z->next_in = in->input + in->at;
	z->avail_in = (uInt)(in->filled - in->at);
	z->next_out = *data;
	z->avail_out = (uInt)*size;
	int r = inflate(z, Z_NO_FLUSH);
	if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
		return damaged(in, z->msg ? z->msg : "invalid data", err);
	in->at = in->filled - z->avail_in;
	*data = z->next_out;
	*size = z->avail_out;
	if (r == Z_STREAM_END) {
		in->in_member = false;
		(void)inflateReset(z); /* fails for a NULL stream only */
	}
	return 0;
}
#endif

static ssize_t gzip_read(struct inflate *in, void *data, size_t size, struct err *err)
{
	unsigned char *at = data;
	size_t room = size;

	while (room) {
		int r = refill(in, err);
		if (r < 0)
			return r;
		if (empty(in) && !in->in_member)
			break;
		if (!in->in_member)
			r = next_member(in, err);
		size_t before = room;
		bool starved = empty(in);
		if (r == 0)
			r = gzip_step(in, &at, &room, err);
		if (r < 0)
			return r;
		if (starved && room == before && in->in_member)
			return damaged(in, "it ends early", err);
	}
	return (ssize_t)(size - room);
}

/* --- zstd ------------------------------------------------------------------- */

static int zstd_begin(struct inflate *in, struct err *err)
{
	in->zstd = ZSTD_createDStream();
	if (!in->zstd || ZSTD_isError(ZSTD_initDStream(in->zstd)) ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(in->zstd, ZSTD_d_windowLogMax, LAYER_WINDOW_LOG)))
		return err_set(err, -ENOMEM, "cannot begin to inflate");
	return 0;
}

static void zstd_end(struct inflate *in)
{
	(void)ZSTD_freeDStream(in->zstd); /* accepts NULL, fails never */
}

static ssize_t zstd_read(struct inflate *in, void *data, size_t size, struct err *err)
{
	ZSTD_outBuffer out = { .dst = data, .size = size };

	while (out.pos < out.size) {
		int r = refill(in, err);
		if (r < 0)
			return r;
		if (empty(in) && !in->in_member)
			break;
		ZSTD_inBuffer input = { .src = in->input, .size = in->filled, .pos = in->at };
		size_t before = out.pos;
		bool starved = empty(in);
		size_t left = ZSTD_decompressStream(in->zstd, &out, &input);
		if (ZSTD_isError(left))
			return damaged(in, ZSTD_getErrorName(left), err);
		in->at = input.pos;
		in->in_member = left != 0;
		if (starved && out.pos == before && in->in_member)
			return damaged(in, "it ends early", err);
	}
	return (ssize_t)out.pos;
}

/* --- xz, bzip2 -------------------------------------------------------------- */

static la_ssize_t feed(struct archive *a, void *data, const void **out)
{
	struct inflate *in = data;
	AUTO(err) struct err err = { 0 };

	int r = refill(in, &err);
	if (r < 0) {
		archive_set_error(a, -r, "%s", err.text);
		return -1;
	}
	*out = in->input + in->at;
	size_t n = in->filled - in->at;
	in->at = in->filled;
	return (la_ssize_t)n;
}

static int other_begin(struct inflate *in, struct err *err)
{
	struct archive_entry *entry;

	in->archive = archive_read_new();
	bug_unless(in->archive);
	if (archive_read_support_filter_xz(in->archive) < ARCHIVE_WARN ||
	    archive_read_support_filter_bzip2(in->archive) < ARCHIVE_WARN ||
	    archive_read_support_format_raw(in->archive) != ARCHIVE_OK ||
	    archive_read_open(in->archive, in, NULL, feed, NULL) != ARCHIVE_OK ||
	    archive_read_next_header(in->archive, &entry) != ARCHIVE_OK)
		return damaged(in, archive_error_string(in->archive), err);
	return 0;
}

static void other_end(struct inflate *in)
{
	(void)archive_read_free(in->archive); /* what it says was said by the reads before */
}

static ssize_t other_read(struct inflate *in, void *data, size_t size, struct err *err)
{
	la_ssize_t n = archive_read_data(in->archive, data, size);

	return n < 0 ? damaged(in, archive_error_string(in->archive), err) : n;
}

/* --- none ------------------------------------------------------------------- */

static int none_begin(struct inflate *in, struct err *err)
{
	(void)in;
	(void)err;
	return 0;
}

static void none_end(struct inflate *in)
{
	(void)in;
}

static ssize_t none_read(struct inflate *in, void *data, size_t size, struct err *err)
{
	char *at = data;
	size_t have = min_of(in->filled - in->at, size);

	memcpy(at, in->input + in->at, have);
	in->at += have;
	while (have < size && !in->ended) {
		ssize_t n = source_read(in->source, at + have, size - have);
		if (n < 0)
			return err_sys(err, (int)n, "cannot read the blob");
		if (in->digest)
			digest_add(in->digest, at + have, (size_t)n);
		in->ended = n == 0;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

/* Skippable frames have sixteen magics; only the first byte differs. "none" fits everything. */
static const struct kind kinds[] = {
	{ "gzip", "\x1f\x8b", 2, gzip_begin, gzip_read, gzip_end },
	{ "zstd", "\x28\xb5\x2f\xfd", 4, zstd_begin, zstd_read, zstd_end },
	{ "xz",
	  "\xfd"
	  "7zXZ",
	  6, other_begin, other_read, other_end },
	{ "bzip2", "BZh", 3, other_begin, other_read, other_end },
	{ "none", "", 0, none_begin, none_read, none_end },
};

static const struct kind *find_kind(const unsigned char *data, size_t size)
{
	static const struct kind *const zstd = &kinds[1];
	const struct kind *k = kinds;

	if (size >= 4 && (data[0] & 0xf0) == 0x50 && memcmp(data + 1, "\x2a\x4d\x18", 3) == 0)
		return zstd;
	while (size < k->magic_size || memcmp(data, k->magic, k->magic_size) != 0)
		k++;
	return k;
}

int inflate_new(struct source *source, struct digest *digest, struct inflate **out, struct err *err)
{
	AUTO(inflate) struct inflate *in = mem_new(struct inflate);

	in->source = source;
	in->digest = digest;
	in->input = mem_alloc(INPUT, 1);
	while (in->filled < MAGIC_MAX && !in->ended) {
		ssize_t n = source_read(source, in->input + in->filled, INPUT - in->filled);
		if (n < 0)
			return err_sys(err, (int)n, "cannot read the blob");
		in->ended = n == 0;
		in->filled += (size_t)n;
	}
	if (digest)
		digest_add(digest, in->input, in->filled);
	in->kind = find_kind(in->input, in->filled);
	int r = in->kind->begin(in, err);
	if (r < 0)
		return r;
	*out = take_ptr(in);
	return 0;
}

void inflate_free(struct inflate *inflate)
{
	if (!inflate)
		return;
	if (inflate->kind)
		inflate->kind->end(inflate);
	free(inflate->input);
	free(inflate);
}

ssize_t inflate_read(struct inflate *inflate, void *data, size_t size, struct err *err)
{
	return inflate->kind->read(inflate, data, size, err);
}

const char *inflate_kind(const struct inflate *inflate)
{
	return inflate->kind->name;
}
