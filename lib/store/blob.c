/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blob - contents by digest
 */
#include "store/blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "oci/digest.h"
#include "store/lock.h"
#include "store/temp.h"

enum { MODE_UNSURE = 0600, MODE_DURABLE = 0400 };

static char *blob_rel(const char *digest)
{
	return str_fmt("blobs/sha256/%s", digest_hex(digest));
}

enum blob_state blob_state_own(const struct store *store, const char *digest, int64_t *out_size)
{
	AUTO(mem) char *rel = blob_rel(digest);
	struct stat st;

	if (fstatat(store->dir, rel, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return BLOB_NONE;
	if (out_size)
		*out_size = st.st_size;
	return st.st_mode & S_IWUSR ? BLOB_UNSURE : BLOB_DURABLE;
}

enum blob_state blob_state(const struct store *store, const char *digest, int64_t *out_size)
{
	enum blob_state state = blob_state_own(store, digest, out_size);

	for (size_t i = 0; state == BLOB_NONE && i < store->more.count; i++)
		state = blob_state_own(store->more.items[i], digest, out_size);
	return state;
}

int64_t blob_total(const struct store *store)
{
	int fd = openat(store->dir, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int64_t bytes = 0;
	struct stat st;

	if (!dir) {
		fd_close(fd);
		return 0;
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			bytes += st.st_size;
	closedir(dir);
	return bytes;
}

static int open_in(const struct store *store, const char *rel)
{
	int fd = openat(store->dir, rel, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

int blob_open(const struct store *store, const char *digest, struct err *err)
{
	AUTO(mem) char *rel = blob_rel(digest);
	int fd = open_in(store, rel);

	for (size_t i = 0; fd == -ENOENT && i < store->more.count; i++)
		fd = open_in(store->more.items[i], rel);
	if (fd >= 0)
		return fd;
	if (fd == -ENOENT)
		return err_set(err, -ENOENT, "the blob '%.19s' is missing from the store", digest);
	return err_sys(err, fd, "cannot open the blob '%.19s'", digest);
}

int blob_read(const struct store *store, const char *digest, char **out, size_t *out_size,
	      struct err *err)
{
	AUTO(fd) int fd = blob_open(store, digest, err);

	if (fd < 0)
		return fd;
	int r = fd_read_all(fd, JSON_MAX_BYTES, out, out_size);
	return r < 0 ? err_sys(err, r, "cannot read the blob '%.19s'", digest) : 0;
}

/* ---- writing ---------------------------------------------------------------------------------- */

static int sync_folder(const struct store *store)
{
	AUTO(fd) int fd = openat(store->dir, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* Replaces a blob that is not known durable; leaves one that is. */
static int place(const struct store *store, int fd, const char *from, const char *digest,
		 bool durable)
{
	AUTO(mem) char *rel = blob_rel(digest);
	int r = 0;

	if (blob_state_own(store, digest, NULL) == BLOB_DURABLE)
		return unlinkat(store->dir, from, 0) < 0 ? -errno : 0;
	if (durable && fsync(fd) < 0)
		return -errno;
	if (fchmod(fd, store_mode(store, durable ? MODE_DURABLE : MODE_UNSURE)) < 0 ||
	    renameat(store->dir, from, store->dir, rel) < 0)
		return -errno;
	if (durable)
		r = sync_folder(store);
	return r;
}

int blob_put(const struct store *store, const char *digest, const void *data, size_t size,
	     bool durable, struct err *err)
{
	AUTO(blob_tmp) struct blob_tmp *tmp = NULL;
	enum blob_state have = blob_state_own(store, digest, NULL);

	if (have == BLOB_DURABLE)
		return 0;
	int r = blob_tmp_new(store, &tmp, err);
	if (r < 0)
		return r;
	r = fd_write_all(tmp->fd, data, size);
	if (r < 0) {
		blob_tmp_drop(store, tmp);
		return err_sys(err, r, "cannot write the blob '%.19s'", digest);
	}
	return blob_tmp_commit(store, tmp, digest, durable, err);
}

static int open_part(const struct store *store, const char *rel, int flags, struct blob_tmp *tmp,
		     struct err *err)
{
	tmp->fd = openat(store->dir, rel, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	if (tmp->fd < 0)
		return err_sys(err, -errno, "cannot write '%s/%s'", store->path, rel);
	tmp->have = lseek(tmp->fd, 0, SEEK_END);
	if (tmp->have < 0)
		return err_sys(err, -errno, "cannot read '%s/%s'", store->path, rel);
	return 0;
}

static struct blob_tmp *tmp_alloc(void)
{
	struct blob_tmp *tmp = mem_new(struct blob_tmp);

	tmp->fd = tmp->lock = -1;
	return tmp;
}

int blob_tmp_fetch(const struct store *store, const char *digest, int mode, struct blob_tmp **out,
		   struct err *err)
{
	AUTO(blob_tmp) struct blob_tmp *tmp = tmp_alloc();
	int r = lock_take(store, LOCK_BLOB, digest, mode & LOCK_TRY, &tmp->lock, err);

	if (r < 0)
		return r;
	if (blob_state_own(store, digest, NULL) != BLOB_NONE)
		return -EEXIST;
	tmp->rel = str_fmt("tmp/blobs/%s", digest_hex(digest));
	tmp->digest = str_dup(digest);
	r = open_part(store, tmp->rel, 0, tmp, err);
	if (r < 0)
		return r;
	*out = take_ptr(tmp);
	return 0;
}

int blob_tmp_new(const struct store *store, struct blob_tmp **out, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;
	AUTO(blob_tmp) struct blob_tmp *tmp = tmp_alloc();
	int r = temp_claim(store, &temp, err);

	if (r == 0)
		r = open_part(store, temp->rel, O_EXCL, tmp, err);
	if (r < 0)
		return r;
	tmp->lock = take_fd(temp->lock);
	tmp->rel = take_ptr(temp->rel);
	*out = take_ptr(tmp);
	return 0;
}

int blob_tmp_commit(const struct store *store, struct blob_tmp *tmp, const char *digest,
		    bool durable, struct err *err)
{
	if (tmp->digest && !str_eq(tmp->digest, digest)) {
		blob_tmp_drop(store, tmp);
		return err_set(err, -EBADMSG, "what arrived as '%s' hashes to '%s'", tmp->digest,
			       digest);
	}
	int r = place(store, tmp->fd, tmp->rel, digest, durable);
	if (r < 0)
		return err_sys(err, r, "cannot keep the blob '%.19s'", digest);
	free(take_ptr(tmp->rel));
	return 0;
}

void blob_tmp_drop(const struct store *store, struct blob_tmp *tmp)
{
	if (tmp->rel)
		(void)unlinkat(store->dir, tmp->rel, 0); /* the next sweep tries again */
	free(take_ptr(tmp->rel));
}

void blob_tmp_leave(const struct store *store, struct blob_tmp *tmp)
{
	if (lseek(tmp->fd, 0, SEEK_END) == 0)
		blob_tmp_drop(store, tmp);
}

void blob_tmp_free(struct blob_tmp *tmp)
{
	if (!tmp)
		return;
	fd_close(tmp->fd);
	fd_close(tmp->lock);
	free(tmp->rel);
	free(tmp->digest);
	free(tmp);
}

int blob_mark_durable(const struct store *store, const char *digest)
{
	AUTO(mem) char *rel = blob_rel(digest);

	return fchmodat(store->dir, rel, store_mode(store, MODE_DURABLE), 0) < 0 ? -errno : 0;
}

int blob_remove(const struct store *store, const char *digest)
{
	AUTO(mem) char *rel = blob_rel(digest);

	return unlinkat(store->dir, rel, 0) < 0 && errno != ENOENT ? -errno : 0;
}
