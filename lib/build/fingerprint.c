/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fingerprint - the digest of what a step sees
 *
 * The text that is hashed: for each part a line with its name, and for each entry
 *
 *	kind mode [uid:gid] NUL path NUL (32 bytes | target NUL) [size attributes] [number of the first name]
 *
 * with lengths where bytes could be anything, so that no two selections have one text.
 */
#include "build/fingerprint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "base/fd.h"
#include "base/mem.h"

enum { HELPERS_MAX = 16, SHARE_MIN = 64 };

/* A file that must be read. */
struct unread {
	struct entry *entry;
	char *path; /* from the top of the tree */
};

struct unread_list {
	struct unread *items;
	size_t count;
};

static void auto_unread_list(struct unread_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].path);
	free(list->items);
}

/* ---- contents ------------------------------------------------------------------------------ */

static void find_unread(struct selection *s, struct hashes *hashes, struct unread_list *out)
{
	for (size_t p = 0; p < s->parts.count; p++) {
		const struct part *part = &s->parts.items[p];
		for (size_t i = part->first; i < part->first + part->count; i++) {
			struct entry *e = &s->items[i];
			unsigned char *room = s->sums + i * LAYER_SUM_BYTES;
			if (e->kind != ENTRY_FILE)
				continue;
			const unsigned char *known = hashes ? hashes_find(hashes, &e->key) : NULL;
			e->sum = room;
			if (known) {
				memcpy(room, known, LAYER_SUM_BYTES);
				continue;
			}
			struct unread *u = vec_push(out);
			u->entry = e;
			u->path = str_fmt("%s%s%s", part->from, *part->from && *e->path ? "/" : "",
					  e->path);
		}
	}
}

/* One helper's share. */
struct share {
	struct layer_helper *helper;
	struct layer_hashing hashing;
	const struct unread *items;
	size_t count;
	bool begun;
};

static int share_start(struct share *share, int dir, struct err *err)
{
	AUTO(mem) const char **paths = mem_alloc(share->count + 1, sizeof *paths);

	for (size_t i = 0; i < share->count; i++)
		paths[i] = share->items[i].path;
	int r = layer_hash_start(share->helper, dir, paths, share->count, &share->hashing, err);
	share->begun = r == 0;
	return r;
}

static int share_finish(struct share *share, struct hashes *hashes, struct err *err)
{
	AUTO(mem) unsigned char *sums = mem_alloc(share->count + 1, LAYER_SUM_BYTES);

	int r = layer_hash_finish(share->helper, &share->hashing, sums, err);
	for (size_t i = 0; i < share->count && r == 0; i++) {
		struct entry *e = share->items[i].entry;
		const unsigned char *sum = sums + i * LAYER_SUM_BYTES;
		memcpy((unsigned char *)e->sum, sum, LAYER_SUM_BYTES);
		if (hashes)
			hashes_note(hashes, &e->key, sum);
	}
	return r;
}

static int64_t weight(const struct unread *u)
{
	enum { OPENING = 16 << 10 }; /* bytes that could be hashed meanwhile */

	return OPENING + u->entry->key.size;
}

/* Neighbours stay together, and each helper gets as much as the others. */
static void share_out(struct share *shares, size_t count, const struct unread_list *all)
{
	int64_t left = 0;
	size_t at = 0;

	for (size_t i = 0; i < all->count; i++)
		left += weight(&all->items[i]);
	for (size_t n = 0; n < count; n++) {
		int64_t part = left / (int64_t)(count - n), taken = 0;
		shares[n].items = all->items + at;
		while (at < all->count && (taken < part || n + 1 == count)) {
			taken += weight(&all->items[at++]);
			shares[n].count++;
		}
		left -= taken;
	}
}

/* All that were begun are waited for, whatever one of them says. */
static int read_all(const struct selection *s, struct layer_helper *const *helpers, size_t count,
		    const struct unread_list *all, struct hashes *hashes, struct err *err)
{
	struct share shares[HELPERS_MAX] = { 0 };
	int first = 0;

	count = min_of(count, (size_t)HELPERS_MAX);
	count = min_of(count, all->count / SHARE_MIN + 1);
	share_out(shares, count, all);
	for (size_t i = 0; i < count && first == 0; i++) {
		shares[i].helper = helpers[i];
		first = share_start(&shares[i], s->source->dir, err);
	}
	for (size_t i = 0; i < count; i++) {
		if (!shares[i].begun)
			continue;
		int r = share_finish(&shares[i], hashes, first < 0 ? NULL : err);
		first = first < 0 ? first : r;
	}
	return first;
}

/* ---- the text ------------------------------------------------------------------------------ */

/* An inode with several names, and its first entry. */
struct named {
	struct inode {
		uint64_t dev, ino;
	} id;
	size_t first;
	UT_hash_handle hh;
};

struct text {
	FILE *file;
	struct named *named; /* in the part at hand */
};

static void forget(struct text *t)
{
	struct named *n, *next;

	HASH_ITER(hh, t->named, n, next) {
		HASH_DEL(t->named, n);
		free(n);
	}
}

/* Return: the number of the first entry that has the inode. */
static size_t first_name(struct text *t, const struct entry *e, size_t number)
{
	const struct inode id = { e->key.dev, e->key.ino };
	struct named *n;

	HASH_FIND(hh, t->named, &id, sizeof id, n);
	if (n)
		return n->first;
	n = mem_new(struct named);
	n->id = id;
	n->first = number;
	HASH_ADD(hh, t->named, id, sizeof n->id, n);
	return number;
}

static void put_bytes(const struct text *t, const void *data, size_t size)
{
	(void)!fwrite(data, 1, size, t->file); /* to memory */
}

static void put_entry(struct text *t, const struct entry *e, bool owned, size_t number)
{
	static const char kinds[] = { [ENTRY_FILE] = 'f', [ENTRY_FOLDER] = 'd', [ENTRY_LINK] = 'l' };
	uint32_t mode = e->kind == ENTRY_LINK ? 0 : e->mode; /* differs between file systems */

	(void)fprintf(t->file, "%c %o ", kinds[e->kind], mode);
	if (owned)
		(void)fprintf(t->file, "%u:%u ", e->uid, e->gid);
	put_bytes(t, e->path, strlen(e->path) + 1);
	if (e->sum)
		put_bytes(t, e->sum, LAYER_SUM_BYTES);
	if (e->target)
		put_bytes(t, e->target, strlen(e->target) + 1);
	if (e->xattrs_size) {
		(void)fprintf(t->file, " %zu ", e->xattrs_size);
		put_bytes(t, e->xattrs, e->xattrs_size);
	}
	if (e->linked)
		(void)fprintf(t->file, " =%zu", first_name(t, e, number));
	(void)fputc('\n', t->file);
}

static void put_all(struct text *t, const struct selection *s)
{
	(void)fprintf(t->file, "selection 1%s\n", s->parents ? " parents" : "");
	for (size_t p = 0; p < s->parts.count; p++) {
		const struct part *part = &s->parts.items[p];
		bool folder = s->items[part->first].kind == ENTRY_FOLDER;
		(void)fprintf(t->file, "part %zu ", part->count);
		/* The content of a folder is taken, whatever its name. */
		put_bytes(t, folder ? "" : part->name, folder ? 1 : strlen(part->name) + 1);
		for (size_t i = 0; i < part->count; i++)
			put_entry(t, &s->items[part->first + i], s->source->owned, i);
		forget(t);
	}
}

int selection_digest(struct selection *selection, struct layer_helper *const *helpers, size_t count,
		     struct hashes *hashes, char **out, struct err *err)
{
	AUTO(unread_list) struct unread_list unread = { 0 };
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	AUTO(mem) char *data = NULL;
	size_t size = 0;

	if (!selection->sums)
		selection->sums = mem_alloc(selection->count + 1, LAYER_SUM_BYTES);
	find_unread(selection, hashes, &unread);
	int r = unread.count ? read_all(selection, helpers, count, &unread, hashes, err) : 0;
	if (r < 0) {
		(void)err_wrap(err, "cannot hash the files of %s", selection->source->name);
		return r;
	}
	struct text text = { .file = open_memstream(&data, &size) };
	bug_unless(text.file);
	put_all(&text, selection);
	bug_unless(fclose(text.file) == 0);
	r = layer_digest_of(helpers[0], data, size, &digest, err);
	if (r == 0)
		*out = take_ptr(digest.digest);
	return r;
}
