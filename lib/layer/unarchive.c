/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unarchive - taking the files out of an archive of images, inside cubby-layer
 *
 * The archive may come through a pipe and names its layers only at its end, so every file goes to
 * disk at once, under a name of ours, and is hashed on the way: what turns out to be a blob needs
 * only a rename. Names of the archive never become paths.
 */
#include "layer/unarchive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "layer/digest.h"
#include "layer/limits.h"
#include "layer/name.h"
#include "layer/stream.h"
#include "layer/tar.h"

enum { HOPS_MAX = 8, ZEROS = 64 << 10 };

struct member {
	struct layer_member m; /* .file is NULL for links */
	char *target;	       /* of links: clean */
	size_t order;
};

struct members {
	struct member *items;
	size_t count;
};

static void auto_members(struct members *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct member *m = &list->items[i];
		free(m->m.name);
		free(m->m.file);
		free(m->m.digest);
		free(m->target);
	}
	free(list->items);
}

static int write_at(int fd, const struct tar_part *part)
{
	const char *at = part->data;
	size_t left = part->size;
	off_t offset = part->offset;

	while (left) {
		ssize_t n = pwrite(fd, at, left, offset);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			at += n;
			offset += n;
			left -= (size_t)n;
		}
	}
	return 0;
}

static void hash_hole(struct digest *digest, int64_t bytes)
{
	static const char zeros[ZEROS];

	for (; bytes > 0; bytes -= ZEROS)
		digest_add(digest, zeros, (size_t)min_of(bytes, (int64_t)ZEROS));
}

static int copy_parts(struct tar *tar, int fd, int64_t size, struct digest *digest, struct err *err)
{
	struct tar_part part;
	int64_t at = 0;
	int r;

	while ((r = tar_part(tar, &part, err)) > 0) {
		hash_hole(digest, part.offset - at);
		digest_add(digest, part.data, part.size);
		at = part.offset + (int64_t)part.size;
		r = write_at(fd, &part);
		if (r < 0)
			return err_sys(err, r, "cannot write a file of the archive");
	}
	if (r < 0)
		return r;
	hash_hole(digest, size - at);
	return ftruncate(fd, size) < 0 ? err_sys(err, -errno, "cannot write a file of the archive")
				       : 0;
}

static int take_file(struct tar *tar, int64_t size, int dir, struct member *m, struct err *err)
{
	AUTO(digest) struct digest *digest = digest_new();
	AUTO(mem) char *file = str_fmt("m%zu", m->order);

	m->m.size = size;
	if (size > LAYER_TAR_MAX)
		return err_set(err, -EFBIG, "a file of the archive is too large");
	AUTO(fd)
	int fd = openat(dir, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_sys(err, -errno, "cannot make a file for the archive");
	int r = copy_parts(tar, fd, m->m.size, digest, err);
	if (r < 0)
		return r;
	/* Most of it becomes a blob that is awaited: the disk begins while the rest is taken out. */
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	m->m.file = take_ptr(file);
	m->m.digest = digest_text(digest);
	return 0;
}

/* A symbolic link starts at its folder, a hard link at the top. A bad one is as good as none. */
static char *link_target(const char *name, const struct tar_entry *entry)
{
	AUTO(mem) char *parent = NULL;
	AUTO(mem) char *full = NULL;
	char *target = NULL;

	(void)!name_split(name, &parent);
	if (entry->type == TAR_HARDLINK)
		full = str_dup(entry->target);
	else
		full = str_fmt("%s/%s", entry->target[0] == '/' ? "" : parent, entry->target);
	return name_clean(full, &target, NULL) < 0 ? str_dup("") : target;
}

static int take_entry(struct tar *tar, const struct tar_entry *entry, int dir, struct members *list,
		      struct err *err)
{
	AUTO(mem) char *name = NULL;
	bool link = entry->type == TAR_HARDLINK || entry->type == TAR_SYMLINK;

	int r = name_clean(entry->path, &name, err);
	if (r < 0 || !*name || (!link && entry->type != TAR_FILE))
		return min_of(r, 0);
	if (list->count >= LAYER_MEMBERS_MAX)
		return err_set(err, -EFBIG, "the archive has more than %d files",
			       LAYER_MEMBERS_MAX);
	struct member *m = vec_push(list);
	m->order = list->count;
	if (link)
		m->target = link_target(name, entry);
	m->m.name = take_ptr(name);
	return link ? 0 : take_file(tar, entry->size, dir, m, err);
}

/* By name; of one name the last entry first. */
static int compare(const void *a, const void *b)
{
	const struct member *one = a, *other = b;
	int r = strcmp(one->m.name, other->m.name);

	return r ? r : (one->order < other->order) - (one->order > other->order);
}

static int compare_name(const void *key, const void *item)
{
	return strcmp(key, ((const struct member *)item)->m.name);
}

/* Of one name only the last entry stays. */
static void drop_doubles(struct members *list, int dir)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct member *m = &list->items[i];
		if (kept == 0 || strcmp(list->items[kept - 1].m.name, m->m.name) != 0) {
			list->items[kept++] = *m;
			continue;
		}
		if (m->m.file)
			(void)unlinkat(dir, m->m.file, 0); /* the whole folder goes in the end */
		auto_members(&(struct members){ .items = mem_copy(m, sizeof *m), .count = 1 });
	}
	list->count = kept;
}

static const struct member *find_file(const struct members *list, const struct member *m)
{
	for (int hops = 0; m && m->target && hops < HOPS_MAX; hops++)
		m = bsearch(m->target, list->items, list->count, sizeof *m, compare_name);
	return m && !m->target ? m : NULL;
}

static void give_out(const struct members *list, struct layer_members *out)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct member *file = find_file(list, &list->items[i]);
		if (!file)
			continue;
		struct layer_member *m = vec_push(out);
		*m = (struct layer_member){
			.name = str_dup(list->items[i].m.name),
			.file = str_dup(file->m.file),
			.digest = str_dup(file->m.digest),
			.size = file->m.size,
		};
	}
}

int unarchive_stream(int archive, int dir, struct layer_members *out, struct err *err)
{
	const struct stream_plan plan = {
		.blob = archive,
		.more = -1,
		.flags = STREAM_RATIO | STREAM_AT_PLACE,
	};
	AUTO(stream) struct stream *stream = NULL;
	AUTO(tar) struct tar *tar = NULL;
	AUTO(members) struct members list = { 0 };
	AUTO(stream_sums) struct stream_sums sums = { 0 };
	struct tar_entry entry;

	int r = stream_new(&plan, &stream, err);
	if (r < 0)
		return r;
	tar = tar_new(stream);
	while (r >= 0 && (r = tar_next(tar, &entry, err)) > 0)
		r = take_entry(tar, &entry, dir, &list, err);
	if (r == 0)
		r = stream_finish(stream, &sums, err);
	if (r < 0)
		return r;
	if (list.count)
		qsort(list.items, list.count, sizeof *list.items, compare);
	drop_doubles(&list, dir);
	*out = (struct layer_members){ .compression = take_ptr(sums.kind) };
	give_out(&list, out);
	return 0;
}
