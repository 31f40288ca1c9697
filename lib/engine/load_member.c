/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load_member - the members of an archive or a folder
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "engine/load.h"
#include "engine/load_archive.h"
#include "kern/at.h"
#include "oci/digest.h"
#include "oci/media.h"
#include "store/blob.h"

static int compare_name(const void *key, const void *item)
{
	return strcmp(key, ((const struct layer_member *)item)->name);
}

static const struct layer_member *find_archived(const struct load_archive *a, const char *name)
{
	const struct layer_members *m = &a->members;

	return m->count ? bsearch(name, m->items, m->count, sizeof *m->items, compare_name) : NULL;
}

static const struct layer_member *find_copied(const struct load_archive *a, const char *name)
{
	for (size_t i = 0; i < a->copied.count; i++)
		if (str_eq(a->copied.items[i]->name, name))
			return a->copied.items[i];
	return NULL;
}

static struct layer_member *add_copied(struct load_archive *a, const char *name)
{
	struct layer_member **slot = vec_push(&a->copied);

	*slot = mem_new(struct layer_member);
	(*slot)->name = str_dup(name);
	return *slot;
}

/* A folder may be somebody else's: links that lead out of it are not followed. */
static int open_source(const struct load_archive *a, const char *name)
{
	int fd = at_open(a->folder, name, O_RDONLY | O_NONBLOCK, 0, RESOLVE_BENEATH);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	fd_close(fd);
	return -EINVAL;
}

static int copy(struct load_archive *a, const char *name, const struct layer_member **out,
		struct err *err)
{
	AUTO(mem) char *file = str_fmt("c%zu", a->copied.count);
	AUTO(layer_digest) struct layer_digest digest = { 0 };
	AUTO(fd) int from = open_source(a, name);

	if (from == -ENOENT)
		return err_set(err, -ENOENT, "the folder has no '%s'", name);
	if (from < 0)
		return err_sys(err, from, "cannot open '%s' of the folder", name);
	AUTO(fd)
	int to = openat(a->dir, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (to < 0)
		return err_sys(err, -errno, "cannot make a copy of '%s'", name);
	int r = layer_ingest(a->helper, from, to, 0, &digest, err);
	if (r < 0)
		return err_wrap(err, "cannot copy '%s' of the folder", name);
	struct layer_member *m = add_copied(a, name);
	m->file = take_ptr(file);
	m->digest = take_ptr(digest.digest);
	m->size = digest.size;
	*out = m;
	return 0;
}

int load_find(struct load_archive *archive, const char *name, const struct layer_member **out,
	      struct err *err)
{
	const struct layer_member *found = find_archived(archive, name);

	if (archive->folder >= 0)
		found = find_copied(archive, name);
	if (!found && archive->folder >= 0) {
		int r = copy(archive, name, &found, err);
		if (r < 0)
			return r;
	}
	if (!found)
		return err_set(err, -ENOENT, "the archive has no '%s'", name);
	if (out)
		*out = found;
	return 0;
}

bool load_has(const struct load_archive *archive, const char *name)
{
	struct stat st;

	if (archive->folder < 0)
		return find_archived(archive, name) != NULL;
	return fstatat(archive->folder, name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

/* "dir:" tells the manifests of a list from blobs by their names. */
static char *blob_name(const struct load_archive *archive, const struct descriptor *d)
{
	enum media_kind kind = media_kind(d->media_type);
	bool document = kind == MEDIA_KIND_MANIFEST || kind == MEDIA_KIND_INDEX;

	return str_fmt("%s%s%s", archive->blobs, digest_hex(d->digest),
		       document && !*archive->blobs ? ".manifest.json" : "");
}

int load_find_blob(struct load_archive *archive, const struct descriptor *d, bool content,
		   const struct layer_member **out, struct err *err)
{
	AUTO(mem) char *name = blob_name(archive, d);
	const struct layer_member *found = NULL;
	int64_t size;

	if (!content && blob_state(archive->engine->store, d->digest, &size) == BLOB_DURABLE &&
	    size == d->size) {
		struct layer_member *m = add_copied(archive, d->digest);
		m->digest = str_dup(d->digest);
		m->size = d->size;
		*out = m;
		return 0;
	}
	int r = load_find(archive, name, &found, err);
	if (r < 0)
		return r == -ENOENT ? -EBADMSG : r;
	if (!str_eq(found->digest, d->digest) || found->size != d->size)
		return err_set(err, -EBADMSG, "'%s' is not what its name and size say", name);
	*out = found;
	return 0;
}

int load_open(const struct load_archive *archive, const struct layer_member *member,
	      struct err *err)
{
	int fd = openat(archive->dir, member->file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? err_sys(err, -errno, "cannot open '%s' of the archive", member->name) : fd;
}

int load_read(struct load_archive *archive, const char *name,
	      const struct layer_member **out_member, char **out, size_t *out_size, struct err *err)
{
	const struct layer_member *member = NULL;

	int r = load_find(archive, name, &member, err);
	if (r < 0)
		return r == -ENOENT ? -EBADMSG : r;
	AUTO(fd) int fd = load_open(archive, member, err);
	if (fd < 0)
		return fd;
	r = fd_read_all(fd, JSON_MAX_BYTES, out, out_size);
	if (r < 0)
		return err_sys(err, r == -EFBIG ? -EBADMSG : r, "cannot read '%s' of the archive",
			       name);
	if (out_member)
		*out_member = member;
	return 0;
}

void load_members_free(struct load_archive *archive)
{
	layer_members_clear(&archive->members);
	for (size_t i = 0; i < archive->copied.count; i++) {
		struct layer_member *m = archive->copied.items[i];
		free(m->name);
		free(m->file);
		free(m->digest);
		free(m);
	}
	free(archive->copied.items);
}

int load_refuse_several(const struct load_archive *archive, const struct strv *names,
			struct err *err)
{
	const struct transport *only = archive->request->only;
	AUTO(mem) char *list = str_join(names, ", ");

	(void)err_set(err, -ENOTUNIQ, "'%s' has several images: %.300s", only->path, list);
	return err_hint(err, "choose one: %s:%s:NAME, or :@0 for the first",
			transport_names[only->kind], only->path);
}

int load_refuse_missing(const struct load_archive *archive, const struct strv *names,
			struct err *err)
{
	const struct transport *only = archive->request->only;
	AUTO(mem) char *text = transport_print(only);
	AUTO(mem) char *list = str_join(names, ", ");

	(void)err_set(err, -ENOENT, "there is no image '%s'", text);
	if (*list)
		(void)err_hint(err, "there are: %.300s", list);
	return -ENOENT;
}
