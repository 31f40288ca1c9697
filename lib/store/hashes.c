/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hashes - which files outside the store were hashed before, and to what
 *
 * That an entry was used is written only when it was last used more than a day ago: else each build would
 * write the file again to say so.
 */
#include "store/hashes.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/lock.h"

#define FILE_NAME "hashes"
#define DAY (INT64_C(86400) * CLOCK_SECOND)

enum { ORDER = 0x01020304, VERSION = 1 };

struct head {
	char magic[8];
	uint32_t order; /* ORDER as the writer's machine has it */
	uint32_t version;
	uint64_t count;
	uint64_t unused;
};

struct entry {
	struct hash_key key;
	int64_t used; /* ns since the epoch */
	unsigned char sum[HASHES_SUM];
};

static const char magic[8] = "cubbyfs\n";

/* Many entries, sorted; grown in steps that double. */
struct entries {
	struct entry *items;
	size_t count;
};

struct hashes {
	const struct store *store;
	int64_t opened; /* ns since the epoch */
	void *map;
	size_t map_size;
	const struct entry *known; /* in .map */
	size_t count;
	struct entries news; /* as they came */
};

static int key_compare(const struct hash_key *a, const struct hash_key *b)
{
#define BY(field)                                                                                  \
	if (a->field != b->field)                                                                  \
	return a->field < b->field ? -1 : 1
	BY(dev);
	BY(ino);
	BY(size);
	BY(mtime);
	BY(ctime);
#undef BY
	return 0;
}

static int entry_compare(const void *a, const void *b)
{
	return key_compare(&((const struct entry *)a)->key, &((const struct entry *)b)->key);
}

struct hash_key hash_key_of(const struct stat *st)
{
	return (struct hash_key){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = st->st_size,
		.mtime = st->st_mtim.tv_sec * CLOCK_SECOND + st->st_mtim.tv_nsec,
		.ctime = st->st_ctim.tv_sec * CLOCK_SECOND + st->st_ctim.tv_nsec,
	};
}

/* ---- the file ------------------------------------------------------------------------------ */

static bool is_ours(const void *map, size_t size)
{
	const struct head *head = map;

	return size >= sizeof *head && memcmp(head->magic, magic, sizeof magic) == 0 &&
	       head->order == ORDER && head->version == VERSION && head->count <= HASHES_MAX &&
	       size == sizeof *head + head->count * sizeof(struct entry);
}

static void unmap(struct hashes *h)
{
	if (h->map)
		(void)munmap(h->map, h->map_size);
	h->map = NULL;
	h->known = NULL;
	h->count = 0;
}

/* The file is replaced, never changed, so what is mapped stays. */
static void map(struct hashes *h)
{
	AUTO(fd)
	int fd = openat(h->store->dir, FILE_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	unmap(h);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return;
	void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return;
	h->map = at;
	h->map_size = (size_t)st.st_size;
	if (!is_ours(at, h->map_size)) {
		unmap(h);
		return;
	}
	h->count = ((const struct head *)at)->count;
	h->known = (const struct entry *)((const char *)at + sizeof(struct head));
}

struct hashes *hashes_open(const struct store *store)
{
	struct hashes *h = mem_new(struct hashes);

	h->store = store;
	h->opened = clock_now();
	map(h);
	return h;
}

void hashes_close(struct hashes *hashes)
{
	if (!hashes)
		return;
	unmap(hashes);
	free(hashes->news.items);
	free(hashes);
}

/* ---- one entry ----------------------------------------------------------------------------- */

static void note(struct hashes *h, const struct hash_key *key, const unsigned char *sum)
{
	struct entry *e = vec_push(&h->news);

	e->key = *key;
	e->used = h->opened;
	memcpy(e->sum, sum, HASHES_SUM);
}

const unsigned char *hashes_find(struct hashes *hashes, const struct hash_key *key)
{
	const struct entry wanted = { .key = *key };
	const struct entry *e = hashes->count ? bsearch(&wanted, hashes->known, hashes->count,
							sizeof *e, entry_compare)
					      : NULL;

	if (!e)
		return NULL;
	if (e->used < hashes->opened - DAY)
		note(hashes, &e->key, e->sum);
	return e->sum;
}

/* A time to come tells nothing, so the ctime decides, which nobody but the kernel sets. */
static bool is_racy(const struct hashes *h, const struct hash_key *key)
{
	int64_t first = h->opened - HASHES_RACY, last = clock_now() + HASHES_RACY;

	return key->ctime >= first || (key->mtime >= first && key->mtime <= last);
}

void hashes_note(struct hashes *hashes, const struct hash_key *key, const unsigned char *sum)
{
	if (!is_racy(hashes, key))
		note(hashes, key, sum);
}

/* ---- joining ------------------------------------------------------------------------------- */

/* Both sorted; of one key the later use counts. */
static struct entries join(const struct entry *a, size_t a_count, const struct entries *b)
{
	struct entries out = { .items = mem_alloc(a_count + b->count + 1, sizeof *out.items) };
	size_t i = 0, j = 0;

	while (i < a_count || j < b->count) {
		int way = i == a_count	  ? 1
			  : j == b->count ? -1
					  : key_compare(&a[i].key, &b->items[j].key);
		const struct entry *e = way < 0 ? &a[i] : &b->items[j];
		if (!out.count || key_compare(&out.items[out.count - 1].key, &e->key) != 0)
			out.items[out.count++] = *e;
		i += way <= 0;
		j += way >= 0;
	}
	return out;
}

static int used_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x > y ? -1 : x < y;
}

/* Leaves @max of them, in their order: those used last. */
static void shrink(struct entries *all, size_t max)
{
	if (all->count <= max)
		return;
	AUTO(mem) int64_t *used = mem_alloc(all->count, sizeof *used);
	for (size_t i = 0; i < all->count; i++)
		used[i] = all->items[i].used;
	qsort(used, all->count, sizeof *used, used_compare);
	int64_t oldest = used[max - 1];
	size_t newer = 0, kept = 0;
	while (newer < max && used[newer] > oldest)
		newer++;
	size_t equal = max - newer; /* so many of the oldest stay */
	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i].used < oldest || (all->items[i].used == oldest && !equal))
			continue;
		equal -= all->items[i].used == oldest;
		all->items[kept++] = all->items[i];
	}
	all->count = kept;
}

static void write_all(const struct hashes *h, const struct entries *all)
{
	size_t size = sizeof(struct head) + all->count * sizeof *all->items;
	AUTO(mem) char *data = mem_alloc(size, 1);
	struct head head = { .order = ORDER, .version = VERSION, .count = all->count };

	memcpy(head.magic, magic, sizeof magic);
	memcpy(data, &head, sizeof head);
	memcpy(data + sizeof head, all->items, all->count * sizeof *all->items);
	/* What cannot be written is hashed again. */
	(void)!file_replace(h->store->dir, FILE_NAME, 0600, data, size, false);
}

void hashes_save(struct hashes *hashes)
{
	AUTO(fd) int lock = -1;

	if (!hashes->news.count || hashes->store->read_only ||
	    lock_take(hashes->store, LOCK_HASHES, "", LOCK_EXCLUSIVE, &lock, NULL) < 0)
		return;
	map(hashes); /* others may have written meanwhile */
	qsort(hashes->news.items, hashes->news.count, sizeof *hashes->news.items, entry_compare);
	struct entries all = join(hashes->known, hashes->count, &hashes->news);
	shrink(&all, HASHES_MAX);
	write_all(hashes, &all);
	free(all.items);
	free(hashes->news.items);
	hashes->news = (struct entries){ 0 };
	map(hashes);
}
