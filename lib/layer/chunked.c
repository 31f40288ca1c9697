/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chunked - a layer as zstd:chunked: every file in a frame of its own, and where each one is
 *
 * What stands between two contents is gathered in .front and becomes one frame; .mark is where the
 * headers of the entry at hand begin in it, after the padding of the file before.
 */
#include "layer/chunked.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "layer/digest.h"
#include "layer/heading.h"
#include "layer/squeeze.h"
#include "layer/tar.h"
#include "layer/tarhead.h"
#include "layer/tarsplit.h"
#include "layer/toc.h"

#define NOTE "io.github.containers.zstd-chunked."

enum {
	FRONT_USUAL = 256 << 10, /* then it becomes a frame */
	HEADERS_MAX = 4 << 20,	 /* of one entry */
	TABLE_TYPE = 1,
	FOOTER_NUMBERS = 7,
};

struct chunked {
	struct deflate *deflate;
	struct tar *tar;
	struct squeeze *toc_bytes;
	struct squeeze *split_bytes;
	struct toc *toc;
	struct tarsplit *split;
	struct {
		unsigned char *data;
		size_t size, room;
	} front;
	size_t mark;
	size_t padding; /* of the file before, at .mark */
	bool bare;	/* invariant (4) */
	bool ended;	/* the last entry is behind */
	bool any;	/* there is a frame */
};

static void auto_chunked(struct chunked *c)
{
	tar_free(c->tar);
	toc_free(c->toc);
	tarsplit_free(c->split);
	squeeze_free(c->toc_bytes);
	squeeze_free(c->split_bytes);
	free(c->front.data);
}

/* ---- between the contents --------------------------------------------------------------------- */

static int write_front(struct chunked *c, struct err *err)
{
	int64_t at;

	if (!c->front.size)
		return 0;
	int r = deflate_frame(c->deflate, (int64_t)c->front.size, &at, err);
	if (r == 0)
		r = deflate_add(c->deflate, c->front.data, c->front.size, err);
	c->front.size = 0;
	c->mark = 0;
	c->any = true;
	return r;
}

static bool all_zero(const unsigned char *data, size_t size)
{
	return size == 0 || (data[0] == 0 && memcmp(data, data + 1, size - 1) == 0);
}

/* Notes what has come since .mark. */
static int note_raw(struct chunked *c, struct err *err)
{
	size_t mark = c->mark;

	c->mark = c->front.size;
	return c->bare ? 0
		       : tarsplit_raw(c->split, c->front.data + mark, c->front.size - mark, err);
}

/* Behind the end readers of the tar-split take whole blocks of zeros only. */
static int note_rest(struct chunked *c, struct err *err)
{
	if (c->bare)
		return note_raw(c, err);
	size_t size = c->front.size - c->mark - c->padding;
	if (size % TAR_BLOCK || !all_zero(c->front.data + c->mark + c->padding, size))
		c->bare = true;
	c->padding = 0;
	return note_raw(c, err);
}

static int keep_raw(void *data, const void *bytes, size_t size, struct err *err)
{
	struct chunked *c = data;
	int r = 0;

	if (c->front.size - c->mark + size > HEADERS_MAX)
		c->bare = true;
	if (c->front.size >= FRONT_USUAL && c->ended)
		r = note_rest(c, err);
	if (c->front.size >= FRONT_USUAL && (c->ended || c->bare) && r == 0)
		r = write_front(c, err);
	if (r < 0)
		return r;
	if (c->front.size + size > c->front.room) {
		c->front.room = max_of(2 * c->front.room, c->front.size + size);
		c->front.data = mem_resize(c->front.data, c->front.room, 1);
	}
	memcpy(c->front.data + c->front.size, bytes, size);
	c->front.size += size;
	return 0;
}

/* ---- entries ---------------------------------------------------------------------------------- */

/* Return: what the table says of the entry, to be freed; NULL when it cannot be told of. */
static char *tell(struct chunked *c, const struct tar_entry *entry)
{
	size_t at = c->mark + c->padding;
	struct heading heading;

	if (c->bare || at > c->front.size ||
	    heading_parse(c->front.data + at, c->front.size - at, &heading) < 0 ||
	    toc_check(c->toc, entry, &heading) < 0)
		return NULL;
	return toc_text(entry, &heading);
}

/* Copies the content into a frame. */
static int write_content(struct chunked *c, struct digest *digest, uint64_t *out_sum,
			 struct err *err)
{
	struct tar_part part;
	uint64_t sum = 0;
	int r;

	while ((r = tar_part(c->tar, &part, err)) > 0) {
		if (!c->bare) {
			digest_add(digest, part.data, part.size);
			sum = tarsplit_sum(c->split, sum, part.data, part.size);
		}
		r = deflate_add(c->deflate, part.data, part.size, err);
		if (r < 0)
			return r;
	}
	*out_sum = sum;
	return r;
}

static int add_file(struct chunked *c, const struct tar_entry *entry, const char *text,
		    struct err *err)
{
	AUTO(digest) struct digest *digest = digest_new();
	AUTO(mem) char *hash = NULL;
	struct toc_place place = { 0 };
	uint64_t sum = 0;

	int r = write_front(c, err);
	/* How much of a sparse file there is nobody has told. */
	if (r == 0)
		r = deflate_frame(c->deflate, entry->sparse ? -1 : entry->size, &place.offset, err);
	if (r == 0)
		r = write_content(c, digest, &sum, err);
	if (r == 0)
		r = deflate_frame_end(c->deflate, &place.end, err);
	c->any = true;
	if (r < 0 || c->bare)
		return r;
	c->padding = (size_t)(-entry->size & (TAR_BLOCK - 1));
	place.digest = hash = digest_text(digest);
	r = toc_add(c->toc, text, &place, err);
	return r < 0 ? r : tarsplit_file(c->split, entry->path, entry->size, sum, err);
}

static int add_empty(struct chunked *c, const struct tar_entry *entry, const char *text,
		     struct err *err)
{
	const struct toc_place none = { 0 };
	int r = 0;

	if (!c->bare)
		r = toc_add(c->toc, text, &none, err);
	if (r == 0 && !c->bare)
		r = tarsplit_file(c->split, entry->path, 0, 0, err);
	if (r == 0 && c->front.size >= FRONT_USUAL)
		r = write_front(c, err);
	return r;
}

static bool too_large(const struct squeeze *s)
{
	return squeeze_size(s) > CHUNKED_TABLE_MAX;
}

static int add_entry(struct chunked *c, const struct tar_entry *entry, struct err *err)
{
	AUTO(mem) char *text = tell(c, entry);

	if (!text || too_large(c->split_bytes) || squeeze_plain(c->toc_bytes) > CHUNKED_TABLE_MAX)
		c->bare = true;
	c->padding = 0;
	int r = note_raw(c, err);
	if (r < 0)
		return r;
	bool content = entry->type == TAR_FILE && entry->size;
	return content ? add_file(c, entry, text, err) : add_empty(c, entry, text, err);
}

static int add_entries(struct chunked *c, struct err *err)
{
	struct tar_entry entry;
	int64_t at;
	int r;

	while ((r = tar_next(c->tar, &entry, err)) > 0) {
		r = add_entry(c, &entry, err);
		if (r < 0)
			return r;
	}
	c->ended = true;
	if (r == 0)
		r = tar_rest(c->tar, err);
	if (r == 0)
		r = note_rest(c, err);
	if (r == 0)
		r = write_front(c, err);
	/* Not even a block: some decompressor may want a frame. */
	if (r == 0 && !c->any)
		r = deflate_frame(c->deflate, 0, &at, err);
	return r < 0 ? r : deflate_frame_end(c->deflate, &at, err);
}

/* ---- the tables ------------------------------------------------------------------------------- */

static int skippable(struct chunked *c, const void *data, size_t size, int64_t *out_at,
		     struct err *err)
{
	static const unsigned char magic[] = { 0x50, 0x2a, 0x4d, 0x18 };
	uint32_t length = htole32((uint32_t)size);

	int r = deflate_append(c->deflate, magic, sizeof magic, err);
	if (r == 0)
		r = deflate_append(c->deflate, &length, sizeof length, err);
	*out_at = deflate_at(c->deflate);
	return r < 0 ? r : deflate_append(c->deflate, data, size, err);
}

static int write_footer(struct chunked *c, int64_t toc_at, int64_t split_at, struct err *err)
{
	const int64_t numbers[FOOTER_NUMBERS] = {
		toc_at,
		(int64_t)squeeze_size(c->toc_bytes),
		squeeze_plain(c->toc_bytes),
		TABLE_TYPE,
		split_at,
		(int64_t)squeeze_size(c->split_bytes),
		squeeze_plain(c->split_bytes),
	};
	static const char magic[] = "GNUlInUx";
	uint64_t footer[FOOTER_NUMBERS + 1];
	int64_t at;

	for (size_t i = 0; i < FOOTER_NUMBERS; i++)
		footer[i] = htole64((uint64_t)numbers[i]);
	memcpy(&footer[FOOTER_NUMBERS], magic, sizeof footer[0]);
	return skippable(c, footer, sizeof footer, &at, err);
}

static void note_places(const struct chunked *c, const char *toc_digest, int64_t toc_at,
			int64_t split_at, struct strv *out)
{
	strv_addf(out, NOTE "manifest-checksum=%s", toc_digest);
	strv_addf(out, NOTE "manifest-position=%lld:%zu:%lld:%d", (long long)toc_at,
		  squeeze_size(c->toc_bytes), (long long)squeeze_plain(c->toc_bytes), TABLE_TYPE);
	strv_addf(out, NOTE "tarsplit-position=%lld:%zu:%lld", (long long)split_at,
		  squeeze_size(c->split_bytes), (long long)squeeze_plain(c->split_bytes));
}

static int write_tables(struct chunked *c, struct strv *out_notes, struct err *err)
{
	AUTO(mem) char *split_digest = NULL;
	AUTO(mem) char *toc_digest = NULL;
	const void *split, *toc;
	int64_t split_at, toc_at;

	int r = squeeze_finish(c->split_bytes, &split, &split_digest, err);
	if (r == 0)
		r = toc_end(c->toc, split_digest, err);
	if (r == 0)
		r = squeeze_finish(c->toc_bytes, &toc, &toc_digest, err);
	if (r < 0 || too_large(c->split_bytes) || squeeze_plain(c->toc_bytes) > CHUNKED_TABLE_MAX)
		return r;
	r = skippable(c, toc, squeeze_size(c->toc_bytes), &toc_at, err);
	if (r == 0)
		r = skippable(c, split, squeeze_size(c->split_bytes), &split_at, err);
	if (r == 0)
		r = write_footer(c, toc_at, split_at, err);
	if (r == 0)
		note_places(c, toc_digest, toc_at, split_at, out_notes);
	return r;
}

int chunked_stream(struct stream *stream, struct deflate *deflate, struct strv *out_notes,
		   struct err *err)
{
	AUTO(chunked) struct chunked c = { .deflate = deflate, .tar = tar_new(stream) };

	int r = squeeze_new(&c.toc_bytes, err);
	if (r == 0)
		r = squeeze_new(&c.split_bytes, err);
	if (r < 0)
		return r;
	c.toc = toc_new(c.toc_bytes);
	c.split = tarsplit_new(c.split_bytes);
	tar_watch(c.tar, keep_raw, &c);
	r = add_entries(&c, err);
	return r < 0 || c.bare ? r : write_tables(&c, out_notes, err);
}
