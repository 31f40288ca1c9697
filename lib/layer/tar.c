/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar - the entries of a tar stream
 *
 * The stream's blocks are multiples of 512 bytes but for the last, so a header never lies across
 * two of them and is read where it is.
 */
#include "layer/tar.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "layer/limits.h"
#include "layer/pax.h"
#include "layer/sparse.h"
#include "layer/tarhead.h"

enum {
	EXTRA_MAX = 2 << 20, /* bytes of a pax header; attributes are limited by themselves */
	AT_SPARSE = 386,     /* of GNU's header: pairs, then two more fields */
	AT_MORE = 482,
	AT_REALSIZE = 483,
	PAIR = 24,
	NUMBER = 12,
	MORE_PAIRS = 21, /* in a block of its own */
	AT_MORE_IN_BLOCK = 504,
	LINE_MAX_DIGITS = 20,
};

struct tar {
	struct stream *stream;
	const unsigned char *at; /* in the stream's block */
	size_t left;
	bool any;	 /* a block was read */
	int64_t stored;	 /* bytes of the entry that are still in the stream */
	int64_t padding; /* behind them */
	int64_t offset;	 /* in the file, of what comes next */
	size_t part;	 /* of .map that comes next */
	bool sparse;
	struct sparse map;
	struct tarhead head;
	struct pax pax;
	char *long_path; /* GNU's records in front */
	char *long_target;
	struct {
		struct tar_xattr *items;
		size_t count;
	} xattrs;
	int64_t entries;
	tar_raw_fn watch; /* or NULL */
	void *watch_data;
};

static int tell(const struct tar *t, size_t size, struct err *err)
{
	return t->watch && size ? t->watch(t->watch_data, t->at, size, err) : 0;
}

static int damaged(const char *why, struct err *err)
{
	return err_set(err, -EBADMSG, "the tar is damaged: %s", why);
}

/* Makes sure that something is left of the stream's block. Return: 1; 0 at the end. */
static int fill(struct tar *t, struct err *err)
{
	const void *data;

	if (t->left)
		return 1;
	ssize_t n = stream_next(t->stream, &data, err);
	if (n <= 0)
		return (int)n;
	t->at = data;
	t->left = (size_t)n;
	return 1;
}

/* Return: 1 with a whole block; 0 at the end of the stream. */
static int next_block(struct tar *t, const unsigned char **out, struct err *err)
{
	int r = fill(t, err);

	if (r <= 0)
		return r;
	if (t->left < TAR_BLOCK)
		return damaged(t->any ? "it ends early" : "this is no tar", err);
	r = tell(t, TAR_BLOCK, err);
	if (r < 0)
		return r;
	*out = t->at;
	t->at += TAR_BLOCK;
	t->left -= TAR_BLOCK;
	return 1;
}

static int must_block(struct tar *t, const unsigned char **out, struct err *err)
{
	int r = next_block(t, out, err);

	return r == 0 ? damaged("it ends early", err) : r;
}

static int skip(struct tar *t, int64_t bytes, struct err *err)
{
	while (bytes) {
		int r = fill(t, err);
		if (r <= 0)
			return r < 0 ? r : damaged("it ends in the middle of a file", err);
		size_t n = (size_t)min_of(bytes, (int64_t)t->left);
		r = tell(t, n, err);
		if (r < 0)
			return r;
		t->at += n;
		t->left -= n;
		bytes -= (int64_t)n;
	}
	return 0;
}

static int64_t padding_of(int64_t size)
{
	return -size & (TAR_BLOCK - 1);
}

/* Reads what a header of a special type carries. */
static int read_extra(struct tar *t, int64_t size, char **out, struct err *err)
{
	if (size > EXTRA_MAX)
		return err_set(err, -EFBIG, "the tar has a header of %lld bytes", (long long)size);
	AUTO(mem) char *text = mem_alloc((size_t)size + 1, 1);
	for (int64_t at = 0; at < size;) {
		int r = fill(t, err);
		if (r <= 0)
			return r < 0 ? r : damaged("it ends in the middle of a header", err);
		size_t n = (size_t)min_of(size - at, (int64_t)t->left);
		r = tell(t, n, err);
		if (r < 0)
			return r;
		memcpy(text + at, t->at, n);
		t->at += n;
		t->left -= n;
		at += (int64_t)n;
	}
	*out = take_ptr(text);
	return skip(t, padding_of(size), err);
}

/* --- sparse files --------------------------------------------------------------------- */

static int add_pairs(struct tar *t, const unsigned char *pairs, int count)
{
	for (int i = 0; i < count; i++) {
		int64_t offset, size;
		const unsigned char *pair = pairs + i * PAIR;
		if (!pair[0] && !pair[NUMBER])
			return 0;
		if (tarhead_number(pair, NUMBER, &offset) < 0 ||
		    tarhead_number(pair + NUMBER, NUMBER, &size) < 0)
			return -EBADMSG;
		int r = sparse_add(&t->map, offset, size);
		if (r < 0)
			return r;
	}
	return 0;
}

/* GNU's own form: pairs in the header, and in blocks behind it. */
static int read_gnu_map(struct tar *t, const unsigned char *header, int64_t *out_size,
			struct err *err)
{
	bool more = header[AT_MORE];

	int r = tarhead_number(header + AT_REALSIZE, NUMBER, out_size);
	if (r == 0)
		r = add_pairs(t, header + AT_SPARSE, TARHEAD_SPARSE);
	while (r == 0 && more) {
		const unsigned char *block;
		r = must_block(t, &block, err);
		if (r < 0)
			return r;
		r = add_pairs(t, block, MORE_PAIRS);
		more = block[AT_MORE_IN_BLOCK];
	}
	return r < 0 ? damaged("a sparse file has a wrong map", err) : 0;
}

/* One decimal line of a map that stands in blocks of its own before the data. */
static int map_line(struct tar *t, const unsigned char **block, size_t *at, int64_t *out,
		    struct err *err)
{
	char line[LINE_MAX_DIGITS + 1];

	for (size_t n = 0; n < sizeof line; n++) {
		if (*at == TAR_BLOCK) {
			if (t->stored < TAR_BLOCK)
				break;
			int r = must_block(t, block, err);
			if (r < 0)
				return r;
			t->stored -= TAR_BLOCK;
			*at = 0;
		}
		unsigned char c = (*block)[(*at)++];
		line[n] = (char)c;
		if (c != '\n')
			continue;
		line[n] = 0;
		if (str_i64(line, 0, INT64_MAX, out) < 0)
			break;
		return 0;
	}
	return damaged("a sparse file has a wrong map", err);
}

static int read_pax_map(struct tar *t, struct err *err)
{
	const unsigned char *block = NULL;
	size_t at = TAR_BLOCK;
	int64_t count, offset, size;

	int r = map_line(t, &block, &at, &count, err);
	for (int64_t i = 0; r == 0 && i < count; i++) {
		r = map_line(t, &block, &at, &offset, err);
		if (r == 0)
			r = map_line(t, &block, &at, &size, err);
		if (r == 0 && sparse_add(&t->map, offset, size) < 0)
			r = damaged("a sparse file has a wrong map", err);
	}
	return r;
}

/* Return: 0 with the file's length; the map is checked. */
static int read_map(struct tar *t, const unsigned char *header, int64_t *out_size, struct err *err)
{
	const struct pax *pax = &t->pax;
	int r = 0;

	t->sparse = true;
	if (t->head.type == 'S') {
		r = read_gnu_map(t, header, out_size, err);
	} else {
		*out_size = pax->has & PAX_REALSIZE ? pax->realsize : t->stored;
		if (pax->has & PAX_SPARSE_1_0) {
			r = read_pax_map(t, err);
		} else {
			t->map = pax->map;
			t->pax.map = (struct sparse){ 0 };
		}
	}
	if (r < 0)
		return r;
	return sparse_check(&t->map, t->stored, *out_size) < 0
		       ? damaged("a sparse file has a wrong map", err)
		       : 0;
}

/* --- entries ----------------------------------------------------------------------------- */

static const struct {
	char flag;
	enum tar_type type;
} types[] = {
	{ '0', TAR_FILE },     { '7', TAR_FILE },    { 'S', TAR_FILE },
	{ '1', TAR_HARDLINK }, { '2', TAR_SYMLINK }, { '3', TAR_DEVICE },
	{ '4', TAR_DEVICE },   { '5', TAR_DIR },     { '6', TAR_FIFO },
};

static int type_of(const struct tarhead *head, const char *path, enum tar_type *out)
{
	for (size_t i = 0; i < array_len(types); i++) {
		if (types[i].flag != head->type)
			continue;
		/* Before POSIX a directory was a file whose name ends so. */
		*out = types[i].type == TAR_FILE && str_ends(path, "/") ? TAR_DIR : types[i].type;
		return 0;
	}
	return -EBADMSG;
}

static void forget(struct tar *t)
{
	pax_clear(&t->pax);
	sparse_clear(&t->map);
	free(take_ptr(t->long_path));
	free(take_ptr(t->long_target));
	t->xattrs.count = 0;
	t->sparse = false;
	t->part = 0;
	t->offset = 0;
	t->stored = 0;
	t->padding = 0;
}

/* Headers that speak of the next one. Return: 1 when it was one. */
static int take_special(struct tar *t, struct err *err)
{
	AUTO(mem) char *text = NULL;
	int r;

	if (!strchr("xXgLKV", t->head.type))
		return 0;
	r = read_extra(t, t->head.size, &text, err);
	if (r < 0)
		return r;
	switch (t->head.type) {
	case 'x':
	case 'X':
		pax_clear(&t->pax);
		r = pax_parse(text, (size_t)t->head.size, &t->pax);
		if (r == -EFBIG)
			return err_set(err, r, "the tar has a file with too large attributes");
		return r < 0 ? damaged("a pax record is wrong", err) : 1;
	case 'L':
		str_set(&t->long_path, text);
		return 1;
	case 'K':
		str_set(&t->long_target, text);
		return 1;
	default:
		return 1;
	}
}

static void give_xattrs(struct tar *t, struct tar_entry *out)
{
	for (size_t i = 0; i < t->pax.xattrs.count; i++) {
		const struct pax_xattr *from = &t->pax.xattrs.items[i];
		struct tar_xattr *to = vec_push(&t->xattrs);
		*to = (struct tar_xattr){ from->name, from->value, from->size };
	}
	out->xattrs = t->xattrs.items;
	out->xattr_count = t->xattrs.count;
}

static const char *first_of(const char *pax, const char *gnu, const char *head)
{
	return pax ? pax : str_or(gnu, head);
}

static int take_entry(struct tar *t, const unsigned char *header, struct tar_entry *out,
		      struct err *err)
{
	const struct pax *pax = &t->pax;
	const struct tarhead *head = &t->head;
	struct tar_entry entry = {
		.path = first_of(pax->path, t->long_path, head->path),
		.target = first_of(pax->target, t->long_target, head->target),
		.mode = head->mode,
		.uid = pax->has & PAX_UID ? pax->uid : head->uid,
		.gid = pax->has & PAX_GID ? pax->gid : head->gid,
		.mtime = pax->has & PAX_MTIME ? pax->mtime
					      : (struct timespec){ .tv_sec = head->mtime },
		.atime = pax->has & PAX_ATIME ? &pax->atime : NULL,
		.ctime = pax->has & PAX_CTIME ? &pax->ctime : NULL,
	};
	int r = 0;

	if (!*entry.path)
		return damaged("an entry has no name", err);
	if (type_of(head, entry.path, &entry.type) < 0)
		return damaged("an entry is of an unknown type", err);
	if (strchr("07S", head->type)) {
		t->stored = pax->has & PAX_SIZE ? pax->size : head->size;
		t->padding = padding_of(t->stored);
		entry.size = t->stored;
		if (head->type == 'S' || pax->has & (PAX_SPARSE_MAP | PAX_SPARSE_1_0))
			r = read_map(t, header, &entry.size, err);
	}
	if (r < 0)
		return r;
	entry.sparse = t->sparse;
	give_xattrs(t, &entry);
	*out = entry;
	return 1;
}

/* One block of zeros ends a tar when another follows, or nothing. */
static int at_end(struct tar *t, struct err *err)
{
	const unsigned char *block;
	int r = next_block(t, &block, err);

	if (r <= 0)
		return r;
	return tarhead_empty(block) ? 0 : damaged("something follows its end", err);
}

int tar_next(struct tar *tar, struct tar_entry *out, struct err *err)
{
	int r = skip(tar, tar->stored + tar->padding, err);
	bool pending = false; /* a header that speaks of the next one has come */

	forget(tar);
	while (r == 0) {
		const unsigned char *block;
		r = next_block(tar, &block, err);
		/* Without a single byte it is one without entries: some tools make such layers. */
		if (r < 0 || (r == 0 && !pending))
			return r;
		if (r == 0)
			return damaged("it ends early", err);
		if (tarhead_empty(block)) {
			tar->any = true;
			return at_end(tar, err);
		}
		if (tarhead_parse(block, &tar->head) < 0)
			return damaged(tar->any ? "a header is wrong" : "this is no tar", err);
		tar->any = true;
		if (++tar->entries > LAYER_ENTRIES_MAX)
			return err_set(err, -EFBIG, "the tar has more than %d entries",
				       LAYER_ENTRIES_MAX);
		r = take_special(tar, err);
		if (r == 0)
			return take_entry(tar, block, out, err);
		pending = true;
		r = min_of(r, 0);
	}
	return r;
}

/* How much may be given at once, and where it lies. */
static int64_t next_extent(struct tar *t)
{
	if (!t->sparse)
		return t->stored;
	const struct sparse_part *part = &t->map.items[t->part];
	while (part->size == 0 || t->offset >= part->offset + part->size) {
		part++;
		t->part++;
	}
	t->offset = max_of(t->offset, part->offset);
	return part->offset + part->size - t->offset;
}

int tar_part(struct tar *tar, struct tar_part *out, struct err *err)
{
	if (!tar->stored)
		return 0;
	int64_t extent = next_extent(tar);
	int r = fill(tar, err);
	if (r <= 0)
		return r < 0 ? r : damaged("it ends in the middle of a file", err);
	size_t n = (size_t)min_of(extent, (int64_t)tar->left);
	*out = (struct tar_part){ .data = tar->at, .size = n, .offset = tar->offset };
	tar->at += n;
	tar->left -= n;
	tar->offset += (int64_t)n;
	tar->stored -= (int64_t)n;
	return 1;
}

void tar_watch(struct tar *tar, tar_raw_fn fn, void *data)
{
	tar->watch = fn;
	tar->watch_data = data;
}

int tar_rest(struct tar *tar, struct err *err)
{
	int r;

	while ((r = fill(tar, err)) > 0) {
		r = tell(tar, tar->left, err);
		if (r < 0)
			return r;
		tar->left = 0;
	}
	return r;
}

struct tar *tar_new(struct stream *stream)
{
	struct tar *tar = mem_new(struct tar);

	tar->stream = stream;
	return tar;
}

void tar_free(struct tar *tar)
{
	if (!tar)
		return;
	forget(tar);
	free(tar->xattrs.items);
	free(tar);
}

int64_t tar_entries(const struct tar *tar)
{
	return tar->entries;
}
