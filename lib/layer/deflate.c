/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * deflate - bytes compressed, hashed and written to a file that somebody reads along
 *
 * Each way is one row of a table: its levels, and functions to begin, to go on and to end. ISA-L is
 * several times as fast as zlib and has three levels; those above are zlib's.
 */
#include "config.h"

#include "layer/deflate.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>
#endif
#include <zlib.h>
#include <zstd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "layer/digest.h"

enum {
	ROOM = 256 << 10,
	GZIP_WINDOW = 15 + 16, /* as zlib wants it: with gzip's header */
	GZIP_MEMORY = 8,
	GZIP_LEVELS = 9,
	GZIP_DEFAULT = 6,
	FAST_LEVELS = 3,
	FAST_DEFAULT = 2,
	ZSTD_LEVELS = 22,
	ZSTD_DEFAULT = 3,
	ZSTD_WORKERS = 2, /* the bytes are the same for any number */
	ZSTD_JOB = 4 << 20,
};

struct way {
	int packing;
	int lowest, highest, normal; /* levels */
	int (*begin)(struct deflate *d, int level);
	int (*step)(struct deflate *d, const void *data, size_t size, bool last, struct err *err);
	void (*end)(struct deflate *d);
};

struct deflate {
	const struct way *way;
	struct layer_compress req;
	unsigned char *room;
	struct digest *digest;
	int64_t size;
	size_t used; /* bytes of .room that wait to be written */
	bool framed; /* frames are begun by the caller */
	bool open;   /* one is */
#ifdef HAVE_ISAL
	struct isal_zstream *fast;
	void *fast_buffer;
#endif
	z_stream gzip;
	ZSTD_CCtx *zstd;
};

/* Writes what has been made, and tells whoever reads along. */
static int flush(struct deflate *d, size_t made, struct err *err)
{
	if (!made)
		return 0;
	int r = fd_write_all(d->req.out, d->room, made);
	if (r < 0)
		return err_sys(err, r, "cannot write the compressed layer");
	digest_add(d->digest, d->room, made);
	d->size += (int64_t)made;
	if (d->req.more >= 0)
		(void)!write(d->req.more, "", 1); /* a full pipe has told already */
	return 0;
}

/* ---- gzip ------------------------------------------------------------------------------------- */

#ifdef HAVE_ISAL
static int fast_begin(struct deflate *d, int level)
{
	static const uint32_t sizes[] = { 0, ISAL_DEF_LVL1_DEFAULT, ISAL_DEF_LVL2_DEFAULT,
					  ISAL_DEF_LVL3_DEFAULT };

	d->fast = mem_new(struct isal_zstream);
	isal_deflate_init(d->fast);
	d->fast->level = (uint32_t)level;
	d->fast->level_buf_size = sizes[level];
	d->fast->level_buf = d->fast_buffer = mem_alloc(sizes[level], 1);
	d->fast->gzip_flag = IGZIP_GZIP;
	return 0;
}

static int fast_step(struct deflate *d, const void *data, size_t size, bool last, struct err *err)
{
	struct isal_zstream *z = d->fast;
	int r = 0;

	z->next_in = (uint8_t *)data; /* it only reads */
	z->avail_in = (uint32_t)size;
	z->end_of_stream = last;
	do {
		z->next_out = d->room;
		z->avail_out = ROOM;
		bug_unless(isal_deflate(z) == COMP_OK);
		r = flush(d, ROOM - z->avail_out, err);
	} while (r == 0 && z->avail_out == 0);
	return r;
}

static void fast_end(struct deflate *d)
{
	free(d->fast);
	free(d->fast_buffer);
}
#endif

static int gzip_begin(struct deflate *d, int level)
{
	return deflateInit2(&d->gzip, level, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
			    Z_DEFAULT_STRATEGY) == Z_OK
		       ? 0
		       : -ENOMEM;
}

static int gzip_step(struct deflate *d, const void *data, size_t size, bool last, struct err *err)
{
	int r = 0;

	d->gzip.next_in = (Bytef *)data; /* it only reads */
	d->gzip.avail_in = (uInt)size;
	do {
		d->gzip.next_out = d->room;
		d->gzip.avail_out = ROOM;
		bug_unless(deflate(&d->gzip, last ? Z_FINISH : Z_NO_FLUSH) != Z_STREAM_ERROR);
		r = flush(d, ROOM - d->gzip.avail_out, err);
	} while (r == 0 && d->gzip.avail_out == 0);
	return r;
}

static void gzip_end(struct deflate *d)
{
	(void)deflateEnd(&d->gzip); /* says that there was something left */
}

/* ---- zstd ------------------------------------------------------------------------------------- */

/* Frames may be of some bytes only: they are written together. */
static int made(struct deflate *d, size_t used, struct err *err)
{
	d->used = d->framed && used < ROOM ? used : 0;
	return d->used ? 0 : flush(d, used, err);
}

static int zstd_begin(struct deflate *d, int level)
{
	d->zstd = ZSTD_createCCtx();
	if (!d->zstd)
		return -ENOMEM;
	if (ZSTD_isError(ZSTD_CCtx_setParameter(d->zstd, ZSTD_c_compressionLevel, level)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(d->zstd, ZSTD_c_checksumFlag, 1)))
		return -EINVAL;
	/* A library without threads works alone. */
	if (!ZSTD_isError(ZSTD_CCtx_setParameter(d->zstd, ZSTD_c_nbWorkers, ZSTD_WORKERS)))
		(void)ZSTD_CCtx_setParameter(d->zstd, ZSTD_c_jobSize, ZSTD_JOB);
	return 0;
}

static int zstd_step(struct deflate *d, const void *data, size_t size, bool last, struct err *err)
{
	ZSTD_inBuffer in = { data, size, 0 };
	size_t left;

	do {
		ZSTD_outBuffer to = { d->room, ROOM, d->used };
		left = ZSTD_compressStream2(d->zstd, &to, &in, last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return err_set(err, -ENOMEM, "zstd: %s", ZSTD_getErrorName(left));
		int r = made(d, to.pos, err);
		if (r < 0)
			return r;
	} while (last ? left != 0 : in.pos < in.size);
	return 0;
}

static void zstd_end(struct deflate *d)
{
	(void)ZSTD_freeCCtx(d->zstd); /* cannot fail for one that is not in use */
}

/* The first row of a packing that has the level counts, and the first one has the default. */
static const struct way ways[] = {
#ifdef HAVE_ISAL
	{ LAYER_PACKED_GZIP, 1, FAST_LEVELS, FAST_DEFAULT, fast_begin, fast_step, fast_end },
#endif
	{ LAYER_PACKED_GZIP, 1, GZIP_LEVELS, GZIP_DEFAULT, gzip_begin, gzip_step, gzip_end },
	{ LAYER_PACKED_ZSTD, 1, ZSTD_LEVELS, ZSTD_DEFAULT, zstd_begin, zstd_step, zstd_end },
	{ LAYER_PACKED_CHUNKED, 1, ZSTD_LEVELS, ZSTD_DEFAULT, zstd_begin, zstd_step, zstd_end },
};

static const struct way *find_way(const struct layer_compress *req)
{
	for (size_t i = 0; i < array_len(ways); i++) {
		const struct way *w = &ways[i];
		if (w->packing == req->packing &&
		    (req->level == LAYER_LEVEL_DEFAULT ||
		     (req->level >= w->lowest && req->level <= w->highest)))
			return w;
	}
	return NULL;
}

int deflate_new(const struct layer_compress *req, struct deflate **out, struct err *err)
{
	const struct way *way = find_way(req);

	if (!way)
		return err_set(err, -EINVAL, "there is no compression level %d", req->level);
	AUTO(deflate) struct deflate *d = mem_new(struct deflate);
	d->req = *req;
	d->room = mem_alloc(ROOM, 1);
	d->digest = digest_new();
	d->way = way;
	int r = way->begin(d, req->level == LAYER_LEVEL_DEFAULT ? way->normal : req->level);
	if (r < 0)
		return err_sys(err, r, "cannot begin to compress");
	*out = take_ptr(d);
	return 0;
}

int deflate_add(struct deflate *deflate, const void *data, size_t size, struct err *err)
{
	return deflate->way->step(deflate, data, size, false, err);
}

int64_t deflate_at(const struct deflate *deflate)
{
	return deflate->size + (int64_t)deflate->used;
}

int deflate_frame_end(struct deflate *deflate, int64_t *out_at, struct err *err)
{
	int r = deflate->open ? deflate->way->step(deflate, "", 0, true, err) : 0;

	if (r < 0)
		return r;
	deflate->open = false;
	*out_at = deflate_at(deflate);
	return 0;
}

int deflate_frame(struct deflate *deflate, int64_t size, int64_t *out_at, struct err *err)
{
	unsigned long long pledge = size < 0 ? ZSTD_CONTENTSIZE_UNKNOWN : (unsigned long long)size;
	int r = deflate_frame_end(deflate, out_at, err);

	if (r < 0)
		return r;
	bug_unless(!ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(deflate->zstd, pledge)));
	deflate->framed = true;
	deflate->open = true;
	return 0;
}

int deflate_append(struct deflate *deflate, const void *data, size_t size, struct err *err)
{
	const unsigned char *at = data;

	bug_unless(!deflate->open);
	while (size) {
		size_t n = min_of(size, (size_t)ROOM - deflate->used);
		memcpy(deflate->room + deflate->used, at, n);
		int r = made(deflate, deflate->used + n, err);
		if (r < 0)
			return r;
		at += n;
		size -= n;
	}
	return 0;
}

/* Ends what is open, and writes what waits. */
static int finish(struct deflate *d, struct err *err)
{
	size_t used;
	int r = d->open || !d->framed ? d->way->step(d, "", 0, true, err) : 0;

	if (r < 0)
		return r;
	d->open = false;
	used = d->used;
	d->used = 0;
	return flush(d, used, err);
}

int deflate_finish(struct deflate *deflate, char **out_digest, int64_t *out_size, struct err *err)
{
	int r = finish(deflate, err);

	if (r < 0)
		return r;
	*out_digest = digest_text(deflate->digest);
	*out_size = deflate->size;
	return 0;
}

void deflate_free(struct deflate *deflate)
{
	if (!deflate)
		return;
	if (deflate->way)
		deflate->way->end(deflate);
	digest_free(deflate->digest);
	free(deflate->room);
	free(deflate);
}
